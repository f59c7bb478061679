import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The key with which a single node signs session ids when none is configured: made once and kept below the Kong
 * prefix, so that a restart of the plugin server ends no session. Throws when the folder cannot be written.
 */
export const nodeSessionKey = (prefix: string): string => {
  const file = path.join(prefix, 'mcp-governance', 'session.key');
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return readFileSync(file, 'utf8').trim();
};
