import { unlink } from 'node:fs/promises';
import path from 'node:path';
import { filesOf } from './directory.ts';
import type { KnownRuns } from './known-runs.ts';
import { markedEpochs, removeMark } from './run-mark.ts';
import { readSegmentFile } from './segment-name.ts';
import { readUnrecorded } from './unrecorded-file.ts';

/** A run that could not store everything. */
export interface LossyRun {
  readonly file: string;
  /** Absent when the file cannot be read. */
  readonly count?: number;
}

/** Removes what ended runs left besides segments. Files that tell of unrecorded calls stay, and are named. */
export const sweep = async (dir: string, runs: KnownRuns): Promise<readonly LossyRun[]> => {
  const files = await filesOf(dir);
  for (const epoch of await markedEpochs(dir)) if (runs.hasEnded(epoch)) await removeMark(dir, epoch);
  const withSegments = new Set(files.map((file) => readSegmentFile(file)?.epoch));
  const lossy: LossyRun[] = [];
  for (const file of files) {
    const [, epoch] = /-([0-9a-f]{20})\.unrecorded$/.exec(file) ?? [];
    if (epoch === undefined || !runs.hasEnded(epoch) || withSegments.has(epoch)) continue;
    const unrecorded = await readUnrecorded(path.join(dir, file));
    if (unrecorded?.count === 0) await unlink(path.join(dir, file)).catch(() => undefined);
    else lossy.push({ file, ...(unrecorded === undefined ? {} : { count: unrecorded.count }) });
  }
  return lossy;
};
