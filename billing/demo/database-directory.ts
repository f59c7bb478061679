import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isReachable } from '../src/database/postgres-program.ts';

/**
 * Where the demo's PostgreSQL keeps its data: below `dataDirectory`, unless this process is root and the user that PostgreSQL
 * runs as cannot get there (a checkout below /root, as in containers). Then a folder of the system's own, one per checkout.
 */
export const databaseDirectory = async (dataDirectory: string, log: (line: string) => void): Promise<string> => {
  const wanted = path.join(dataDirectory, 'postgres');
  if (process.getuid?.() !== 0 || (await isReachable(path.join(wanted, 'data')))) return wanted;
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const instead = path.join(tmpdir(), `mcp-governance-${name}`);
  log(`As root, PostgreSQL runs as another user, which cannot enter ${wanted}: its data is in ${instead}.`);
  return instead;
};
