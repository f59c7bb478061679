import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { InvocationEvent } from '../../domain/records/invocation-event.ts';
import { listSegments } from '../directory.ts';
import type { FrameKind } from '../frame.ts';
import { readSegment } from '../read-segment.ts';

export interface SpooledEvent {
  readonly kind: FrameKind;
  readonly segment: string;
  readonly event: InvocationEvent;
}

/** Every whole frame of the folder, in order, as somebody with a text editor would see it. */
export const spooledEvents = async (dir: string): Promise<readonly SpooledEvent[]> => {
  const events: SpooledEvent[] = [];
  for (const { file } of await listSegments(dir))
    await readSegment(path.join(dir, file), 0, {
      frame: ({ kind, event }) => {
        events.push({ kind, segment: file, event: JSON.parse(event) as InvocationEvent });
        return true;
      },
      damaged: () => undefined,
    });
  return events;
};

/** `R1 I2`: kinds and sequences. */
export const spooled = async (dir: string): Promise<string> =>
  (await spooledEvents(dir)).map(({ kind, event }) => `${kind}${event.nodesequence}`).join(' ');

export const segmentsIn = async (dir: string): Promise<readonly string[]> =>
  (await readdir(dir)).filter((file) => file.endsWith('.wal')).sort();
