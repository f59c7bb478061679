import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.ts';
import { migrate } from '../src/database/migrate.ts';
import { openDatabase, type Database } from '../src/database/open-database.ts';

export interface BenchDatabase {
  readonly database: Database;
  /** Processor milliseconds of all of PostgreSQL so far; undefined where /proc does not tell. */
  processorMs(): Promise<number | undefined>;
  close(): Promise<void>;
}

/** An embedded PostgreSQL that writes to the disk for sure, as in operation. */
export const openBenchDatabase = async (): Promise<BenchDatabase> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'billing-bench-'));
  await chmod(directory, 0o755);
  const server = await startEmbeddedPostgres({ directory, settings: { shared_buffers: '1GB', max_wal_size: '8GB' } });
  const database = openDatabase(server.url, { poolSize: 10 });
  await migrate(database);
  return {
    database,
    processorMs: () => processorMsOf(path.join(directory, 'data')),
    close: async () => {
      await database.destroy();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** Of the server and its children, with those that have ended. */
const processorMsOf = async (data: string): Promise<number | undefined> => {
  try {
    const [parent = ''] = (await readFile(path.join(data, 'postmaster.pid'), 'utf8')).split('\n');
    let ticks = 0;
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // After the name in parentheses: state, parent, ..., user time, system time, and the same of ended children.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (pid !== parent && fields[1] !== parent) continue;
      ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    }
    return ticks * 10;
  } catch {
    return undefined;
  }
};
