import { unlink } from 'node:fs/promises';
import path from 'node:path';
import { readCursor, writeCursor, type Cursor } from './cursor-file.ts';
import { isMissing, listSegments, type ListedSegment } from './directory.ts';
import type { KnownRuns } from './known-runs.ts';
import { readSegment } from './read-segment.ts';

/** How far the reader is with one segment. */
export interface SegmentState extends ListedSegment {
  /** Read up to here. */
  position: number;
  /** Records before this offset are acknowledged. */
  acknowledged: number;
  /** Nothing will be appended any more. */
  isFinal: boolean;
  /** When it was final and read to its end, milliseconds since the epoch. */
  readAt: number | undefined;
  /** Its open intents are written again, elsewhere. */
  isKept: boolean;
}

/** What a run knows of its own segments. */
export interface OwnSegments {
  readonly epoch: string;
  /** Number of the segment that it is writing or will write: lower ones are final, also while no other follows. */
  readonly openSegment: () => number;
}

/** The segments of the folder, oldest first, as the reader knows them. */
export class SegmentStates {
  private states: readonly SegmentState[] = [];
  private cursor: Cursor | undefined;

  constructor(
    private readonly dir: string,
    private readonly options: { readonly runs: KnownRuns } & OwnSegments,
  ) {}

  get all(): readonly SegmentState[] {
    return this.states;
  }

  /** Looks at the folder again; gives the segments that are new. */
  async refresh(otherEpochs: Iterable<string>): Promise<readonly SegmentState[]> {
    const cursor = (this.cursor ??= await readCursor(this.dir));
    // In this order: what is final now was written to its end before it is read.
    const open = this.options.openSegment();
    const listed = await listSegments(this.dir);
    await this.options.runs.look([...listed.map(({ epoch }) => epoch), ...otherEpochs]);
    const known = new Map(this.states.map((state) => [state.file, state]));
    const last = new Map(listed.map(({ epoch, number }) => [epoch, number]));
    this.states = listed.map((segment) => {
      const state = known.get(segment.file) ?? newState(segment, cursor.get(segment.file) ?? 0);
      state.isFinal = this.isFinal(segment, { open, last: last.get(segment.epoch) ?? 0 });
      return state;
    });
    return this.states.filter(({ file }) => !known.has(file));
  }

  /** Of this run everything but the open segment, of another that goes on everything but its last. */
  private isFinal(
    { epoch, number }: ListedSegment,
    { open, last }: { readonly open: number; readonly last: number },
  ): boolean {
    const { epoch: own, runs } = this.options;
    return epoch === own ? number < open : number < last || runs.hasEnded(epoch);
  }

  acknowledge(offsetOf: (state: SegmentState) => number | undefined): void {
    for (const state of this.states) state.acknowledged = Math.max(state.acknowledged, offsetOf(state) ?? 0);
  }

  async saveCursor(): Promise<void> {
    await writeCursor(this.dir, new Map(this.states.map(({ file, acknowledged }) => [file, acknowledged])));
  }

  async remove(states: readonly SegmentState[]): Promise<void> {
    for (const { file } of states) {
      await unlink(path.join(this.dir, file)).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    }
    this.states = this.states.filter((state) => !states.includes(state));
  }
}

const newState = (segment: ListedSegment, acknowledged: number): SegmentState => ({
  ...segment,
  position: 0,
  acknowledged,
  isFinal: false,
  readAt: undefined,
  isKept: false,
});

/** How many records follow the offset. */
export const countRecords = async (file: string, after: number): Promise<number> => {
  let records = 0;
  await readSegment(file, after, {
    frame: ({ kind }) => {
      if (kind === 'R') records += 1;
      return true;
    },
    damaged: () => undefined,
  });
  return records;
};
