import { createHash } from 'node:crypto';
import { chmod, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isReachable, type Account } from './postgres-program.ts';

/** Where servers of root go whose folder their account cannot enter. It survives a restart, which /tmp need not. */
const FALLBACK = '/var/lib/mcp-governance';

/**
 * A folder in which the server's account can live. Below a private folder, such as root's home, it cannot: then it is one of
 * root's own below /var/lib, named after the folder that was asked for.
 */
export const prepareDirectory = async (wanted: string, account: Account | undefined): Promise<string> => {
  await mkdir(wanted, { recursive: true });
  if (account === undefined) return wanted;
  if (await isReachable(path.join(path.dirname(wanted), 'x'))) return openFolder(wanted);
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const directory = path.join(FALLBACK, name);
  await mkdir(directory, { recursive: true });
  // Nobody asked for these by name, so that nobody may have prepared them for us.
  await Promise.all([FALLBACK, directory].map(refuseForeign));
  await openFolder(FALLBACK);
  return openFolder(directory);
};

const openFolder = async (folder: string): Promise<string> => {
  await chmod(folder, 0o755);
  return folder;
};

const refuseForeign = async (folder: string): Promise<void> => {
  const { uid, mode } = await stat(folder);
  if (uid !== 0 || (mode & 0o022) !== 0)
    throw new Error(
      `${folder} belongs to somebody else, or others may write into it: PostgreSQL is not started there.`,
    );
};

/** Another process starts a server within a few seconds, or makes its data directory within a minute on a slow disk. */
const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 100;

/** Runs `work` while no other process does so for this folder. The lock of a process that died is taken from it. */
export const withDirectoryLock = async <Value>(directory: string, work: () => Promise<Value>): Promise<Value> => {
  const file = path.join(directory, 'starting');
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await take(file))) {
    if (!(await isHeld(file))) await rm(file, { force: true });
    else if (performance.now() > deadline)
      throw new Error(`Another process has been starting PostgreSQL in ${directory} for too long.`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
};

const take = async (file: string): Promise<boolean> => {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

const isHeld = async (file: string): Promise<boolean> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  // Taken a moment ago, and not written yet.
  return text === '' ? (await stat(file).catch(() => undefined)) !== undefined : isAlive(Number(text));
};

/** Whether a process with this number runs; one of somebody else does, too. */
export const isAlive = (pid: number): boolean => {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};
