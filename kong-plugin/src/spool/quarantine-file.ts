import { Buffer } from 'node:buffer';
import { mkdir, open as openFile } from 'node:fs/promises';
import path from 'node:path';

/** What could not be shipped is looked at by a person; a disk full of it helps nobody. */
const MAX_QUARANTINE_BYTES = 64 * 1024 * 1024;

export const QUARANTINE_FILE = 'quarantine.jsonl';

/** Damaged bytes of a segment, or an event that the ledger refuses by itself. */
export type Quarantined =
  | { readonly why: 'damaged'; readonly segment: string; readonly offset: number; readonly base64: string }
  | { readonly why: 'refused'; readonly reason: string; readonly event: string };

/**
 * Keeps aside what must not hold up the rest, one JSON a line, on the disk when it resolves. What came before a crash may
 * be in it twice. Beyond 64 MiB it keeps nothing more and says so.
 */
export const quarantine = async (
  dir: string,
  entries: readonly Quarantined[],
  { at }: { readonly at: number },
): Promise<{ readonly isKept: boolean }> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const handle = await openFile(path.join(dir, QUARANTINE_FILE), 'a', 0o600);
  try {
    const text = entries.map((entry) => `${JSON.stringify({ at: new Date(at).toISOString(), ...entry })}\n`).join('');
    const { size } = await handle.stat();
    if (size + Buffer.byteLength(text) > MAX_QUARANTINE_BYTES) return { isKept: false };
    await handle.writeFile(text);
    await handle.datasync();
    return { isKept: true };
  } finally {
    await handle.close();
  }
};
