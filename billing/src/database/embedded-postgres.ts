import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import {
  findPostgresPrograms,
  reachablePrograms,
  unprivilegedAccount,
  type Account,
  type PostgresPrograms,
} from './postgres-program.ts';
import { isAlive, prepareDirectory, withDirectoryLock } from './server-directory.ts';

const run = promisify(execFile);

export interface EmbeddedPostgresOptions {
  /** Folder of the server: `data`, its password and, for root, a copy of the programs. Made when it is missing. */
  readonly directory: string;
  /** A free one unless it is given. */
  readonly port?: number;
  /** Server settings, such as `{ shared_buffers: '512MB' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What the server itself says, line by line. */
  readonly onLog?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgresql://billing:…@127.0.0.1:<port>/billing`; it holds a password. */
  readonly url: string;
  readonly port: number;
  /** Where it really lives: as root not always where it was asked to. */
  readonly directory: string;
  /** False when another process had started it: then `stop` leaves it alone. */
  readonly isOwner: boolean;
  stop(): Promise<void>;
}

const USER = 'billing';

/** WAL for minutes of full load: a checkpoint every few seconds writes every page whole once more after each. */
const defaultSettings = { shared_buffers: '256MB', max_wal_size: '4GB' };

/**
 * A PostgreSQL of our own on a free loopback port, from the binaries that npm brought. It listens on 127.0.0.1 only, wants a
 * password, and keeps its data in `directory`. As root it runs as `postgres` or `nobody`. Attaches to the server that already
 * runs on the directory; one whose owner died becomes this process's own.
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const account = await unprivilegedAccount();
  const directory = await prepareDirectory(path.resolve(options.directory), account);
  return withDirectoryLock(directory, async () => (await findRunning(directory)) ?? start(directory, account, options));
};

const start = async (
  directory: string,
  account: Account | undefined,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> => {
  const found = await findPostgresPrograms();
  const programs = account === undefined ? found : await reachablePrograms(found, path.join(directory, 'programs'));
  const home: Home = { data: path.join(directory, 'data'), programs, ...(account === undefined ? {} : { account }) };
  const password = await initialise(directory, home);
  const port = options.port ?? (await freePort());
  const child = await launch(home, port, { ...defaultSettings, ...options.settings }, options.onLog);
  await writeFile(ownerFile(directory), String(process.pid));
  const url = urlOf(port, password);
  await createDatabaseOnce(url);
  return { url, port, directory, isOwner: true, stop: () => stopServer(child) };
};

interface Home {
  readonly data: string;
  readonly programs: PostgresPrograms;
  readonly account?: Account;
}

const urlOf = (port: number, password: string): string => `postgresql://${USER}:${password}@127.0.0.1:${port}/${USER}`;

const passwordFile = (directory: string): string => path.join(directory, 'password');

const ownerFile = (directory: string): string => path.join(directory, 'owner');

/** The server on this directory that another process started. */
const findRunning = async (directory: string): Promise<EmbeddedPostgres | undefined> => {
  try {
    // Lines: process id, data directory, start time, port (PostgreSQL, miscadmin.h).
    const lines = (await readFile(path.join(directory, 'data', 'postmaster.pid'), 'utf8')).split('\n');
    const [pid = 0, port = 0] = [lines[0], lines[3]].map(Number);
    const url = urlOf(port, (await readFile(passwordFile(directory), 'utf8')).trim());
    await withClient(url, (client) => client.query('select 1'));
    const owner = Number(await readFile(ownerFile(directory), 'utf8'));
    if (owner !== process.pid && isAlive(owner))
      return { url, port, directory, isOwner: false, stop: () => Promise.resolve() };
    // Killed without a chance to stop its server, which nobody else would ever do. Or it is our own.
    const isOwner = owner !== process.pid;
    if (isOwner) await writeFile(ownerFile(directory), String(process.pid));
    return { url, port, directory, isOwner, stop: () => (isOwner ? stopAdopted(pid) : Promise.resolve()) };
  } catch {
    return undefined;
  }
};

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Makes the data directory once; gives the password. */
const initialise = async (directory: string, { data, programs, account }: Home): Promise<string> => {
  if (await exists(path.join(data, 'PG_VERSION'))) return (await readFile(passwordFile(directory), 'utf8')).trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordFile(directory), `${password}\n`, { mode: 0o600 });
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { mode: 0o700 });
  const handover = path.join(directory, '.initial-password');
  await writeFile(handover, `${password}\n`, { mode: 0o600 });
  if (account !== undefined) await Promise.all([data, handover].map((file) => chown(file, account.uid, account.gid)));
  const flags = ['--auth=scram-sha-256', `--username=${USER}`, '--encoding=UTF8', '--locale=C', '--no-instructions'];
  try {
    await run(programs.initdb, [`--pgdata=${data}`, `--pwfile=${handover}`, ...flags], {
      ...account,
      cwd: directory,
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    });
  } finally {
    await rm(handover, { force: true });
  }
  return password;
};

const launch = async (
  { data, programs, account }: Home,
  port: number,
  settings: Readonly<Record<string, string>>,
  onLog: (line: string) => void = () => undefined,
): Promise<ChildProcess> => {
  const fixed = { listen_addresses: '127.0.0.1', unix_socket_directories: '', log_timezone: 'UTC', timezone: 'UTC' };
  const flags = Object.entries({ ...settings, ...fixed }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A data directory that somebody else made is run by its owner.
  const owner = account === undefined ? undefined : await stat(data).then(({ uid, gid }) => ({ uid, gid }));
  const child = spawn(programs.postgres, ['-D', data, '-p', String(port), ...flags], {
    ...owner,
    cwd: path.dirname(data),
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    // Ctrl-C in a terminal reaches the whole group; the server is stopped by us, after our last write.
    detached: true,
  });
  await isReady(child, onLog);
  return child;
};

const isReady = (child: ChildProcess, onLog: (line: string) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const said: string[] = [];
    const onExit = (): void => reject(new Error(`PostgreSQL did not start: ${said.slice(-20).join('\n')}`));
    child.once('exit', onExit);
    child.once('error', reject);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter((part) => part !== '')) {
        onLog(line);
        if (said.length < 200) said.push(line);
        if (!line.includes('database system is ready to accept connections')) continue;
        child.off('exit', onExit);
        resolve();
      }
    });
  });

/** Fast shutdown: sessions are cut, everything committed is on disk. */
const stopServer = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
};

/** It is no child of ours, so that nothing tells when it ends. */
const stopAdopted = async (pid: number): Promise<void> => {
  if (isAlive(pid)) process.kill(pid, 'SIGINT');
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
};

const createDatabaseOnce = async (url: string): Promise<void> => {
  await withClient(url.replace(/\/[^/]*$/, '/postgres'), async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [USER]);
    if (rowCount === 0) await client.query(`create database ${USER}`);
  });
};

const withClient = async (url: string, use: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
