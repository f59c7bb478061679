import type { Knex } from 'knex';
import type { Database } from './open-database.ts';
import { migrations as registered } from './migrations/index.ts';
import { queryRows } from './query-rows.ts';
import type { Migration } from './migrations/migration.ts';

/** Any number that nobody else uses: one migration at a time in one database. */
const MIGRATION_LOCK = 7_263_001;

/** Brings the schema `billing` up to date, also when several processes start at once. Gives the names of what it ran. */
export const migrate = (
  database: Database,
  migrations: readonly Migration[] = registered,
): Promise<readonly string[]> =>
  database.transaction(async (lock) => {
    await lock.raw('select pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
    await database.raw('create schema if not exists billing');
    // Knex leaves its own lock behind when a process dies; ours went with its connection, so nobody is at work.
    await database.migrate.forceFreeMigrationsLock(configuration(migrations));
    const [, names] = (await database.migrate.latest(configuration(migrations))) as [number, string[]];
    return names;
  });

/** Names of migrations that have not run; all of them in an empty database. */
export const pendingMigrations = async (database: Database): Promise<readonly string[]> => {
  const sql = `select to_regclass('billing.migration') is not null as present`;
  const [found] = await queryRows<{ readonly present: boolean }>(database, sql);
  if (found?.present !== true) return registered.map(({ name }) => name);
  const done = new Set(await database('billing.migration').pluck<string[]>('name'));
  return registered.filter(({ name }) => !done.has(name)).map(({ name }) => name);
};

const configuration = (migrations: readonly Migration[]): Knex.MigratorConfig => ({
  tableName: 'migration',
  schemaName: 'billing',
  migrationSource: {
    getMigrations: () => Promise.resolve([...migrations]),
    getMigrationName: ({ name }: Migration) => name,
    getMigration: (migration: Migration) =>
      Promise.resolve({ up: (transaction: Knex) => migration.up(transaction), down: refuseDown }),
  } satisfies Knex.MigrationSource<Migration>,
});

const refuseDown = (): Promise<void> =>
  Promise.reject(new Error('Migrations go forward only: write a new one that corrects this one.'));
