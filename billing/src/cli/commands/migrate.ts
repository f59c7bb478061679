import { migrate, pendingMigrations } from '../../database/migrate.ts';
import { success } from '../../domain/result.ts';
import type { PlainCommand } from '../command.ts';
import { describeDatabaseError, openSession } from '../session.ts';
import { plural } from '../table.ts';

export const migrateCommand: PlainCommand = {
  name: 'migrate',
  needs: 'nothing',
  summary: 'bring the database up to date',
  usage: '[--dry-run]',
  help: `Runs the migrations that the database lacks. They go forward only; several processes may start this at once.

  stoa-billing migrate --dry-run     # what would run
  stoa-billing migrate

  --dry-run         only name what would run`,
  options: { 'dry-run': { type: 'boolean' } },
  positionals: { min: 0, max: 0 },
  run: async (parameters, io) => {
    const session = await openSession(io, { checksMigrations: false });
    if (!session.ok) return session;
    const { database, settings, close } = session.value;
    try {
      const isDryRun = parameters.flag('dry-run');
      const names = isDryRun ? await pendingMigrations(database) : await migrate(database);
      const done = isDryRun ? 'would run' : 'ran';
      const text = names.length === 0 ? 'The database is up to date.' : `${plural(names.length, 'migration')} ${done}:`;
      return success({
        text: [text, ...names.map((name) => `  ${name}`)].join('\n'),
        json: { isDryRun, migrations: names },
      });
    } catch (error) {
      return describeDatabaseError(error, settings.databaseUrl);
    } finally {
      await close();
    }
  },
};
