import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventLine } from '../event-line.ts';
import { toFrame, type FrameKind } from '../frame.ts';
import { segmentFile } from '../segment-name.ts';
import { noon, testRecord, unsettled } from './records.ts';

export interface WrittenFrame {
  readonly kind: FrameKind;
  /** Which call it is. */
  readonly call: number;
  /** Left out: the same as the call. */
  readonly sequence?: number;
  readonly epoch?: string;
  readonly at?: number;
}

/** Epochs of the tests, oldest first. */
export const epochs = {
  old: '019cacafe0000badcafe',
  later: '019cacaff0000badcafe',
  own: '019cacb000000badcafe',
} as const;

export const frameOf = ({ kind, call, sequence = call, epoch = epochs.old, at = noon }: WrittenFrame): Buffer => {
  const record = kind === 'I' ? unsettled(call) : testRecord(call);
  const head = { id: record.id, time: record.occurredAt, nodeId: 'gw-1', epoch, sequence };
  return toFrame({ kind, at, event: eventLine({ head, data: JSON.stringify(record) }) });
};

/** Writes a segment as a run left it, and gives its file's path. `tail`: bytes behind the last frame. */
export const writeSegment = async (
  dir: string,
  {
    epoch,
    number = 1,
    frames,
    tail = '',
  }: { epoch: string; number?: number; frames: readonly Buffer[]; tail?: string },
): Promise<string> => {
  await mkdir(dir, { recursive: true });
  const file = path.join(dir, segmentFile({ nodeId: 'gw-1', epoch, number }));
  await writeFile(file, Buffer.concat([...frames, Buffer.from(tail)]));
  return file;
};
