import { Buffer } from 'node:buffer';
import { truncate } from 'node:fs/promises';
import path from 'node:path';
import { BatchBuilder, type Batch, type BatchLimits } from './batch.ts';
import { messageOf } from './directory.ts';
import { readEventLine } from './event-line.ts';
import type { FrameContent } from './frame.ts';
import type { KnownRuns } from './known-runs.ts';
import { OpenIntents, type OpenIntent } from './open-intents.ts';
import { quarantine, type Quarantined } from './quarantine-file.ts';
import { readSegment } from './read-segment.ts';
import { countRecords, SegmentStates, type OwnSegments, type SegmentState } from './segment-states.ts';

export interface SpoolReaderOptions extends OwnSegments {
  readonly dir: string;
  /** An intent of a run that has ended waits this long for its record. */
  readonly settleTimeoutMs: number;
  readonly runs: KnownRuns;
  readonly now: () => number;
  /** Records that this run has written. */
  readonly committedOwn: () => number;
  /** Writes intents again, so that the segment that holds them may go; true when they are on the disk. */
  readonly keep: (intents: readonly OpenIntent[]) => Promise<boolean>;
  /** Segments were deleted. */
  readonly onReleased?: () => void;
  readonly onFinding?: (finding: SpoolFinding) => void;
}

/** What reading found out. */
export type SpoolFinding =
  /** A run ended in the middle of a write; what it had promised is not in there. */
  | { readonly kind: 'torn'; readonly segment: string; readonly bytes: number }
  /** Bytes that are no frame, and whether the quarantine file has them. */
  | { readonly kind: 'damaged'; readonly segment: string; readonly bytes: number; readonly isKept: boolean }
  /** Calls of which nobody knows what became. */
  | { readonly kind: 'unsettled'; readonly calls: number }
  | { readonly kind: 'unreadable'; readonly segment: string; readonly why: string }
  /** What was acknowledged could not be written down. */
  | { readonly kind: 'no_cursor'; readonly why: string };

/** Intents wait this long in a segment that is otherwise shipped before they are written again to let it go. */
const KEEP_AFTER_MS = 60_000;

/**
 * Reads the segments of all runs in order and gives batches for the ledger, one at a time. Nothing is forgotten before it is
 * acknowledged: a process that dies in between sends again, and the ledger counts an id once.
 */
export class SpoolReader {
  private readonly segments: SegmentStates;
  private readonly intents = new OpenIntents();
  private readonly told = new Set<string>();
  private backlog = 0;
  private acknowledgedOwn = 0;

  constructor(private readonly options: SpoolReaderOptions) {
    this.segments = new SegmentStates(options.dir, options);
  }

  /** The next events to send; undefined while there are none. Not before the batch before is acknowledged. */
  async next(limits: BatchLimits): Promise<Batch | undefined> {
    const { epoch, committedOwn } = this.options;
    const committed = committedOwn();
    for (const state of await this.segments.refresh(this.intents.epochs()))
      if (state.epoch !== epoch) this.backlog += await countRecords(this.pathOf(state), state.acknowledged);
    const batch = new BatchBuilder(limits);
    for (const state of this.segments.all) {
      if (batch.isFull) break;
      if (state.readAt === undefined) await this.read(state, batch);
    }
    this.addUnsettled(batch);
    const built = batch.build(new Map(this.segments.all.map(({ file, position }) => [file, position])));
    if (built === undefined) this.caughtUp(committed);
    return built;
  }

  /** The ledger has the batch for good. */
  async acknowledge(batch: Batch): Promise<void> {
    this.segments.acknowledge(({ file }) => batch.ends.get(file));
    // A disk too full for the cursor gets room again by what is deleted now; without it a batch is merely sent twice.
    await this.saveCursor();
    for (const file of batch.released) this.intents.release(file);
    for (const { counted } of batch.events) {
      if (counted === 'own') this.acknowledgedOwn += 1;
      if (counted === 'earlier') this.backlog -= 1;
    }
  }

  /** Deletes segments whose every record is acknowledged and every intent settled; true if there were any. Not while a batch is under way. */
  async tidy(): Promise<boolean> {
    const isShipped = (state: SegmentState): boolean =>
      state.readAt !== undefined && state.acknowledged >= state.position;
    const shipped = this.segments.all.filter(isShipped);
    const done = shipped.filter(({ file }) => this.intents.heldBy(file) === 0);
    await this.keepIntents(shipped.filter((state) => !done.includes(state)));
    if (done.length === 0) return false;
    await this.segments.remove(done);
    this.options.onReleased?.();
    return true;
  }

  waiting(): { readonly records: number; readonly intents: number } {
    const own = Math.max(0, this.options.committedOwn() - this.acknowledgedOwn);
    return { records: Math.max(0, this.backlog) + own, intents: this.intents.size };
  }

  /** The ledger has everything; also what another run's reader has sent it, and was counted here as waiting. */
  private caughtUp(committed: number): void {
    this.segments.acknowledge(({ position }) => position);
    this.acknowledgedOwn = Math.max(this.acknowledgedOwn, committed);
    if (this.told.size === 0) this.backlog = 0;
  }

  private async saveCursor(): Promise<void> {
    try {
      await this.segments.saveCursor();
      this.told.delete('cursor');
    } catch (error) {
      this.findOnce('cursor', { kind: 'no_cursor', why: messageOf(error) });
    }
  }

  private async read(state: SegmentState, batch: BatchBuilder): Promise<void> {
    const damaged: Quarantined[] = [];
    const damage = (bytes: Buffer, offset: number): void =>
      void damaged.push({ why: 'damaged', segment: state.file, offset, base64: bytes.toString('base64') });
    try {
      const { position, isAtEnd, rest } = await readSegment(this.pathOf(state), state.position, {
        frame: (content, end) => {
          if (!this.take(content, { state, end, batch })) damage(Buffer.from(content.event), end);
          return !batch.isFull;
        },
        damaged: damage,
      });
      state.position = position;
      if (isAtEnd && state.isFinal) await this.finish(state, rest);
      this.told.delete(state.file);
    } catch (error) {
      this.findOnce(state.file, { kind: 'unreadable', segment: state.file, why: messageOf(error) });
    }
    if (damaged.length > 0) await this.setAside(state, damaged);
  }

  /** False for a frame that is whole and yet no event of ours. */
  private take({ kind, at, event }: FrameContent, { state, end, batch }: Reading): boolean {
    const line = readEventLine(event);
    if (line === undefined) return false;
    if (kind === 'I') {
      this.intents.open({ head: line.head, at, event, segment: state.file });
      return true;
    }
    const intent = this.intents.take(line.head.id);
    const counted = state.epoch === this.options.epoch ? 'own' : 'earlier';
    if (end > state.acknowledged) batch.addRecord(line, { at, counted, intent });
    else if (intent !== undefined) this.intents.release(intent.segment);
    return true;
  }

  private addUnsettled(batch: BatchBuilder): void {
    const { runs, now, settleTimeoutMs } = this.options;
    const hasEnded = (epoch: string): boolean => runs.hasEnded(epoch);
    const expired = this.intents.takeExpired({ now: now(), settleTimeoutMs, hasEnded }, batch.room);
    for (const intent of expired) batch.addUnsettled(intent);
    if (expired.length > 0) this.find({ kind: 'unsettled', calls: expired.length });
  }

  /** What a run left half written is cut off. Of a run that goes on it is a disk's failure: the next segment has all of it. */
  private async finish(state: SegmentState, rest: number): Promise<void> {
    state.readAt = this.options.now();
    if (rest === 0 || !this.options.runs.hasEnded(state.epoch)) return;
    await truncate(this.pathOf(state), state.position);
    this.find({ kind: 'torn', segment: state.file, bytes: rest });
  }

  private async setAside(state: SegmentState, damaged: readonly Quarantined[]): Promise<void> {
    const { dir, now } = this.options;
    const { isKept } = await quarantine(dir, damaged, { at: now() }).catch(() => ({ isKept: false }));
    for (const entry of damaged)
      if (entry.why === 'damaged')
        this.find({ kind: 'damaged', segment: state.file, bytes: Buffer.byteLength(entry.base64, 'base64'), isKept });
  }

  private async keepIntents(holding: readonly SegmentState[]): Promise<void> {
    const due = this.options.now() - KEEP_AFTER_MS;
    for (const state of holding) {
      if (state.isKept || (state.readAt ?? 0) > due) continue;
      state.isKept = await this.options.keep(this.intents.in(state.file));
    }
  }

  /** A disk that fails is met again every second; it is said once. */
  private findOnce(about: string, finding: SpoolFinding): void {
    if (this.told.has(about)) return;
    this.told.add(about);
    this.find(finding);
  }

  private find(finding: SpoolFinding): void {
    this.options.onFinding?.(finding);
  }

  private pathOf({ file }: SegmentState): string {
    return path.join(this.options.dir, file);
  }
}

interface Reading {
  readonly state: SegmentState;
  readonly end: number;
  readonly batch: BatchBuilder;
}
