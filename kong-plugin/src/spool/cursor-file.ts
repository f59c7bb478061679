import { open as openFile, readFile, rename } from 'node:fs/promises';
import path from 'node:path';

/** How far each segment's records are acknowledged, by file name. */
export type Cursor = ReadonlyMap<string, number>;

const CURSOR_FILE = 'cursor.json';

/** Empty when there is none that can be read: everything is then sent again, which the ledger does not count twice. */
export const readCursor = async (dir: string): Promise<Cursor> => {
  try {
    const content: unknown = JSON.parse(await readFile(path.join(dir, CURSOR_FILE), 'utf8'));
    const entries = Object.entries(content as Readonly<Record<string, unknown>>);
    return new Map(entries.filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])));
  } catch {
    return new Map();
  }
};

/** On the disk when it resolves: only then may segments be deleted. */
export const writeCursor = async (dir: string, cursor: Cursor): Promise<void> => {
  const unfinished = path.join(dir, `${CURSOR_FILE}.${process.pid}`);
  const handle = await openFile(unfinished, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(Object.fromEntries(cursor))}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, path.join(dir, CURSOR_FILE));
};
