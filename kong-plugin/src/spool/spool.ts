import { open as openFile } from 'node:fs/promises';
import path from 'node:path';
import type { NodePosition } from '../domain/records/invocation-event.ts';
import type { StoredRecord } from '../domain/records/stored-record.ts';
import type { Intended } from '../ports/metering.ts';
import type { SinkHealth } from '../ports/record-sink.ts';
import type { OpenFile } from './directory.ts';
import { eventLine } from './event-line.ts';
import { toFrame, type FrameKind } from './frame.ts';
import { FrameQueue } from './frame-queue.ts';
import { SegmentWriter, type CommitObserver } from './segment-writer.ts';
import { spoolLimits, type SpoolLimits } from './spool-limits.ts';
import { SpoolSize } from './spool-size.ts';
import { UnrecordedFile, unrecordedFile } from './unrecorded-file.ts';

export interface SpoolOptions extends CommitObserver {
  readonly dir: string;
  readonly nodeId: string;
  /** Of this run. */
  readonly epoch: string;
  /** Bytes of all segments beyond which records are no longer stored. */
  readonly maxBytes: number;
  readonly onUnrecorded?: () => void;
  /** Makes sure that nobody takes this run for ended; before the first segment is there. */
  readonly claim?: () => Promise<void>;
  readonly now?: () => number;
  readonly open?: OpenFile;
  readonly limits?: Partial<SpoolLimits>;
}

/**
 * Records on the node's disk until the ledger has them: append-only segments, one framed event a line. Everything appended in
 * one turn of the event loop is one write; where somebody waits (an intent), one fdatasync as well.
 *
 * Sequences have no gaps: each governed request takes one, and one that could not be stored is missing for everybody to see.
 */
export class Spool {
  private readonly queue = new FrameQueue();
  private readonly limits: SpoolLimits;
  private readonly size: SpoolSize;
  private readonly writer: SegmentWriter;
  private readonly unrecorded: UnrecordedFile;
  private sequence = 0;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: SpoolOptions) {
    const { dir, nodeId, epoch, open = openFile } = options;
    this.limits = { ...spoolLimits, ...options.limits };
    this.size = new SpoolSize({
      dir,
      maxBytes: options.maxBytes,
      queued: () => this.queue.bytes + this.writer.bytesInFlight,
    });
    this.unrecorded = new UnrecordedFile(path.join(dir, unrecordedFile(nodeId, epoch)), open);
    this.writer = new SegmentWriter({
      ...{ dir, nodeId, epoch, open, queue: this.queue, limits: this.limits, observer: options },
      prepare: async () => {
        await options.claim?.();
        await this.unrecorded.prepare();
      },
      onSegment: () => this.size.measure(),
    });
    this.writer.start();
  }

  /** Resolves when what is to be recorded of a call that never ends is on the disk, or cannot be: never rejects. */
  async intend(record: StoredRecord): Promise<Intended> {
    const position = this.next();
    // Nobody waits for a disk that has just failed.
    const problem = this.writer.problem ?? (await this.write('I', this.line(record, position)));
    return problem === undefined ? { position } : { position, problem };
  }

  /** Keeps the intents of a segment that is to go, for the calls that are still under way. True when they are on the disk. */
  async keep(intents: readonly { readonly at: number; readonly event: string }[]): Promise<boolean> {
    if (!this.health().ok) return false;
    const problems = await Promise.all(intents.map(({ at, event }) => this.write('I', event, at)));
    return problems.every((problem) => problem === undefined);
  }

  /**
   * Accepts a record; `position` is that of its intent. Throws when there is no room: the sequence is then counted as
   * unrecorded, on the disk.
   */
  append(record: StoredRecord, position: NodePosition = this.next()): void {
    const frame = this.frame('R', this.line(record, position));
    const obstacle = this.obstacleTo(frame.length);
    if (obstacle !== undefined) {
      if (position.epoch === this.options.epoch) this.unrecorded.add(position.sequence);
      this.options.onUnrecorded?.();
      throw new Error(`spool: record ${record.id} (sequence ${position.sequence}) is not stored: ${obstacle}`);
    }
    this.enqueue({ bytes: frame, isRecord: true });
  }

  /** Costs nothing. While it is not ok, records may be lost: whoever must record refuses what is to be recorded. */
  health(): SinkHealth {
    const why = this.writer.problem ?? this.size.problem() ?? this.crowded();
    if (why === undefined) return { ok: true };
    const lost = this.unrecorded.count === 0 ? '' : `; ${this.unrecorded.describe()}`;
    return { ok: false, why: `spool: ${why}${lost}` };
  }

  state(): { readonly bytes: number; readonly committedRecords: number; readonly unrecorded: number } {
    return {
      bytes: this.size.bytes,
      committedRecords: this.writer.committedRecords,
      unrecorded: this.unrecorded.count,
    };
  }

  /** Number of the segment that is being written or will be; lower ones are final. */
  get openSegment(): number {
    return this.writer.openNumber;
  }

  setBound(maxBytes: number): void {
    this.size.setBound(maxBytes);
  }

  /** The reader has deleted shipped segments. */
  released(): void {
    this.size.measure();
  }

  /** Resolves when everything accepted so far is on the disk, and rejects when it is not. */
  flush(): Promise<void> {
    return this.writer.flush();
  }

  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    try {
      await this.writer.close();
    } finally {
      await this.size.close();
      await this.unrecorded.close();
    }
  }

  private next(): NodePosition {
    this.sequence += 1;
    return { nodeId: this.options.nodeId, epoch: this.options.epoch, sequence: this.sequence };
  }

  private line(record: StoredRecord, position: NodePosition): string {
    return eventLine({ head: { id: record.id, time: record.occurredAt, ...position }, data: record.json });
  }

  private frame(kind: FrameKind, event: string, at = this.now()) {
    return toFrame({ kind, at, event });
  }

  private write(kind: FrameKind, event: string, at?: number): Promise<string | undefined> {
    const bytes = this.frame(kind, event, at);
    const obstacle = this.obstacleTo(bytes.length);
    if (obstacle !== undefined) return Promise.resolve(obstacle);
    return new Promise((tell) => this.enqueue({ bytes, isRecord: false, tell }));
  }

  private enqueue(frame: Parameters<FrameQueue['add']>[0]): void {
    this.size.grow(frame.bytes.length);
    this.queue.add(frame);
    this.writer.schedule();
  }

  private obstacleTo(bytes: number): string | undefined {
    if (this.closing !== undefined) return 'the spool is closed';
    if (this.queue.bytes + bytes > this.limits.maxQueuedBytes)
      return this.writer.problem ?? 'the disk is slower than the traffic';
    return this.size.isBeyond(bytes) ? this.size.full() : undefined;
  }

  private crowded(): string | undefined {
    return this.queue.bytes > this.limits.maxQueuedBytes / 2 ? 'the disk is slower than the traffic' : undefined;
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}
