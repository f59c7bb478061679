import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, type OpenFile } from './directory.ts';
import { joined, tellAll, type FrameQueue, type QueuedFrame } from './frame-queue.ts';
import { SegmentFile } from './segment-file.ts';
import { segmentFile } from './segment-name.ts';
import type { SpoolLimits } from './spool-limits.ts';

export interface CommitObserver {
  /** Frames reached a file: how many of them are records, and how long write and fdatasync took. */
  readonly onCommit?: (commit: { readonly records: number; readonly seconds: number }) => void;
  /** The disk failed, or works again (undefined). */
  readonly onProblem?: (problem: string | undefined) => void;
}

export interface SegmentWriterOptions {
  readonly dir: string;
  readonly nodeId: string;
  readonly epoch: string;
  readonly open: OpenFile;
  readonly queue: FrameQueue;
  readonly limits: SpoolLimits;
  readonly observer: CommitObserver;
  /** Once, before the first segment. */
  readonly prepare: () => Promise<void>;
  readonly onSegment: () => void;
}

/**
 * Moves frames from the queue to segments, one write at a time. What a segment took since its last fdatasync is kept, and
 * goes into the next segment when this one fails: a reader may see a frame twice, and never misses one.
 */
export class SegmentWriter {
  private number = 0;
  private segment: SegmentFile | undefined;
  private unsynced: QueuedFrame[] = [];
  private inFlight = 0;
  private isOpen = false;
  private isPrepared = false;
  private isTooOld = false;
  private age: NodeJS.Timeout | undefined;
  private next: NodeJS.Immediate | undefined;
  private retry: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isClosed = false;
  private records = 0;
  private trouble: string | undefined;

  constructor(private readonly options: SegmentWriterOptions) {}

  /** Opens the first segment: a folder that takes none must show before the first call has passed. */
  start(): void {
    this.running ??= this.guard(() => this.begin()).then(() => {
      this.running = undefined;
      if (this.options.queue.length > 0) this.schedule();
    });
  }

  /** Why the last write failed; undefined when it did not. */
  get problem(): string | undefined {
    return this.trouble;
  }

  get committedRecords(): number {
    return this.records;
  }

  /** Number of the segment that is being written, or of the one that will be: lower ones are final. */
  get openNumber(): number {
    return this.isOpen ? this.number : this.number + 1;
  }

  get bytesInFlight(): number {
    return this.inFlight;
  }

  /** At the end of this turn of the event loop, so that all that is appended in it is one write. */
  schedule(): void {
    if (this.retry !== undefined || this.isClosed) return;
    this.next ??= setImmediate(() => {
      this.next = undefined;
      void this.run();
    });
  }

  /** Everything queued is on the disk when it resolves; rejects when it is not. */
  async flush(): Promise<void> {
    await this.running;
    await this.run();
    this.isTooOld = this.segment !== undefined;
    await this.run();
    if (this.trouble !== undefined) throw new Error(`spool: ${this.trouble}`);
  }

  /** Stores what waits, or says that it cannot. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.isClosed = true;
      clearImmediate(this.next);
      clearTimeout(this.retry);
      clearTimeout(this.age);
      await this.segment?.close().catch(() => undefined);
      this.options.queue.tell('the spool is closed');
    }
  }

  /** One run at a time, whoever asks. */
  private run(): Promise<void> {
    this.running ??= this.drain().finally(() => {
      this.running = undefined;
      if (this.options.queue.length > 0 && this.trouble === undefined) this.schedule();
    });
    return this.running;
  }

  private async drain(): Promise<void> {
    clearTimeout(this.retry);
    this.retry = undefined;
    const { queue } = this.options;
    // A disk that failed shows here whether it works again, although nobody may be let through before it does.
    if (this.segment === undefined && this.trouble !== undefined && !(await this.guard(() => this.begin()))) return;
    while (queue.length > 0 || this.isTooOld) {
      if (this.isTooOld && !(await this.guard(() => this.rotate()))) return;
      if (queue.length > 0 && !(await this.commit(queue.take()))) return;
    }
    this.setTrouble(undefined);
  }

  private async commit(frames: readonly QueuedFrame[]): Promise<boolean> {
    const started = performance.now();
    const bytes = joined(frames);
    this.inFlight = bytes.length;
    // Before the write: a part of them may reach the file.
    this.unsynced.push(...frames);
    const isDone = await this.guard(async () => {
      if (this.segment === undefined) await this.begin();
      await this.segment?.append(bytes);
      if (frames.some(({ tell }) => tell !== undefined)) await this.syncSegment();
    });
    this.inFlight = 0;
    if (!isDone) return false;
    this.settle(frames, (performance.now() - started) / 1000);
    if ((this.segment?.bytes ?? 0) >= this.options.limits.segmentBytes) this.isTooOld = true;
    return true;
  }

  private settle(frames: readonly QueuedFrame[], seconds: number): void {
    tellAll(frames, undefined);
    let records = 0;
    for (const frame of frames) {
      if (frame.isRecord && frame.isCounted !== true) records += 1;
      frame.isCounted = true;
    }
    this.records += records;
    this.setTrouble(undefined);
    this.options.observer.onCommit?.({ records, seconds });
  }

  private async begin(): Promise<void> {
    const { dir, nodeId, epoch, open, limits } = this.options;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    if (!this.isPrepared) await this.options.prepare();
    this.isPrepared = true;
    this.number += 1;
    this.isOpen = true;
    const file = path.join(dir, segmentFile({ nodeId, epoch, number: this.number }));
    this.segment = await SegmentFile.create(file, open);
    this.age = setTimeout(() => {
      this.isTooOld = true;
      void this.run();
    }, limits.segmentAgeMs).unref();
    this.options.onSegment();
  }

  private async syncSegment(): Promise<void> {
    await this.segment?.sync();
    this.unsynced = [];
  }

  private async rotate(): Promise<void> {
    this.isTooOld = false;
    clearTimeout(this.age);
    await this.syncSegment();
    const { segment } = this;
    this.segment = undefined;
    await segment?.close().catch(() => undefined);
    this.isOpen = false;
  }

  /** Runs a step of the disk's. A failure costs the segment its place, and those who wait are told. */
  private async guard(step: () => Promise<void>): Promise<boolean> {
    const stalled = setTimeout(() => this.stall(), this.options.limits.commitDeadlineMs).unref();
    try {
      await step();
      return true;
    } catch (error) {
      await this.giveUp(messageOf(error));
      return false;
    } finally {
      clearTimeout(stalled);
    }
  }

  private async giveUp(problem: string): Promise<void> {
    const { segment, unsynced } = this;
    this.segment = undefined;
    this.unsynced = [];
    this.isTooOld = false;
    clearTimeout(this.age);
    this.setTrouble(problem);
    tellAll(unsynced, problem);
    this.options.queue.tell(problem);
    this.options.queue.putBack(unsynced);
    await segment?.giveUp();
    this.isOpen = false;
    if (this.isClosed) return;
    this.retry = setTimeout(() => void this.run(), this.options.limits.retryDelayMs);
    // A process that wants to end must not be kept by a broken disk; `close` tries once more and says what is lost.
    this.retry.unref();
  }

  /** The disk may still answer: then all is well again. Until then nobody waits for it. */
  private stall(): void {
    const problem = `the disk has not answered for ${this.options.limits.commitDeadlineMs} ms`;
    this.setTrouble(problem);
    tellAll(this.unsynced, problem);
    this.options.queue.tell(problem);
  }

  private setTrouble(problem: string | undefined): void {
    if (problem === this.trouble) return;
    this.trouble = problem;
    this.options.observer.onProblem?.(problem);
  }
}
