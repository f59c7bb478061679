import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { portalRoot } from './portal-root.mjs';

/** SHA-256 over names and contents: a checkout or a copy changes times, and must not cause a build. */
export function fingerprint(entries) {
  const hash = createHash('sha256');
  for (const file of entries.flatMap(filesBelow).sort())
    hash
      .update(`${path.relative(portalRoot, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

function filesBelow(entry) {
  const full = path.resolve(portalRoot, entry);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [full];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && !/\.test\.tsx?$/.test(file.name))
    .map((file) => path.join(file.parentPath ?? file.path, file.name));
}

/** Whether the stamp was written for this very state. */
export const isCurrent = (stamp, state) => existsSync(stamp) && readFileSync(stamp, 'utf8') === state;

export function keepStamp(stamp, state) {
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, state);
}
