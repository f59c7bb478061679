import { open as openFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { compareSegments, readSegmentFile, type SegmentName } from './segment-name.ts';

/** Replaced in tests, to see disks fail. */
export type OpenFile = typeof openFile;

export interface ListedSegment extends SegmentName {
  readonly file: string;
}

/** A new file is only found again after a power cut when its folder was written too (fsync(2)). */
export const syncDirectory = async (dir: string, open: OpenFile = openFile): Promise<void> => {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The segments of every run, oldest first; none where there is no folder yet. */
export const listSegments = async (dir: string): Promise<readonly ListedSegment[]> =>
  (await filesOf(dir))
    .flatMap((file) => {
      const name = readSegmentFile(file);
      return name === undefined ? [] : [{ ...name, file }];
    })
    .sort(compareSegments);

export const filesOf = async (dir: string): Promise<readonly string[]> => {
  try {
    return await readdir(dir);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

/** Bytes of all segments, whichever process wrote them. */
export const spoolBytes = async (dir: string): Promise<number> => {
  let bytes = 0;
  for (const { file } of await listSegments(dir)) bytes += await sizeOf(path.join(dir, file));
  return bytes;
};

/** 0 for a file that is gone. */
export const sizeOf = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
};

export const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
