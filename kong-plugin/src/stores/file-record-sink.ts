import { Buffer } from 'node:buffer';
import type { StoredRecord } from '../domain/records/stored-record.ts';
import type { RecordSink, SinkHealth } from '../ports/record-sink.ts';
import { AppendFile, LINE_FEED, type AppendFileOptions, type Written } from './append-file.ts';

export interface FileRecordSinkOptions extends AppendFileOptions {
  /** Records that wait for the disk; 16 MiB hold some 10,000 of them, seconds of a busy node. */
  readonly maxQueuedBytes?: number;
  /** Pause before a write that failed is tried again. */
  readonly retryDelayMs?: number;
  /** Least time between the beginnings of two writes. */
  readonly writeEveryMs?: number;
}

/**
 * A write of one record costs the process 0.25 ms of CPU (promises, thread pool), ten times what the record costs to make; a
 * busy node writes ten or more at once, and a process that is killed loses 5 ms more of them.
 */
const DEFAULT_WRITE_EVERY_MS = 5;

/** One write takes at most this much, so that a long queue is stored in steps that can fail one by one. */
const MAX_BATCH_BYTES = 1024 * 1024;

/**
 * Records as JSON Lines in one file. What is appended within a few milliseconds goes to the disk in one write.
 *
 * When the disk refuses, records stay queued and the write is tried again every `retryDelayMs`; `health` says so at once,
 * so that governed calls can be refused. From half of the bound on it says so as well: the other half is for the records of
 * calls under way and of the refusals. A record beyond the bound is refused loudly and counted.
 */
export const createFileRecordSink = (options: FileRecordSinkOptions): RecordSink => new FileRecordSink(options);

interface QueuedLine {
  readonly json: string;
  /** With its line feed. */
  readonly bytes: number;
}

class FileRecordSink implements RecordSink {
  private readonly file: AppendFile;
  private readonly maxQueuedBytes: number;
  private queue: QueuedLine[] = [];
  private queuedBytes = 0;
  private accepted = 0;
  private stored = 0;
  private refused = 0;
  private problem: string | undefined;
  private isScheduled = false;
  private next: NodeJS.Timeout | undefined;
  private soon: NodeJS.Immediate | undefined;
  private beganAt = Number.NEGATIVE_INFINITY;
  private retry: NodeJS.Timeout | undefined;
  opening: Promise<void> | undefined;
  private storing: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: FileRecordSinkOptions) {
    this.file = new AppendFile(options);
    this.maxQueuedBytes = options.maxQueuedBytes ?? 16 * 1024 * 1024;
    // A file that cannot be opened must show before the first call has passed.
    this.opening = this.store().then(() => {
      this.opening = undefined;
    });
  }

  append(record: StoredRecord): void {
    const json = record.json;
    const line = { json, bytes: Buffer.byteLength(json) + 1 };
    if (this.closing !== undefined)
      throw new Error(`${this.options.file} is closed: record ${record.id} is not stored`);
    if (this.queuedBytes + line.bytes > this.maxQueuedBytes) {
      this.refused += 1;
      throw new Error(`${this.options.file}: record ${record.id} is not stored: ${this.state()}`);
    }
    this.queue.push(line);
    this.queuedBytes += line.bytes;
    this.accepted += 1;
    if (this.retry === undefined) this.schedule();
  }

  health(): SinkHealth {
    const isCrowded = this.queuedBytes > this.maxQueuedBytes / 2;
    return this.problem === undefined && !isCrowded ? { ok: true } : { ok: false, why: this.state() };
  }

  async flush(): Promise<void> {
    const target = this.accepted;
    // A write that began before this call may fail for a reason that is gone by now.
    await this.storing;
    do {
      await this.store();
      if (this.problem !== undefined) throw new Error(`${this.options.file}: ${this.state()}`);
    } while (this.stored < target);
    await this.file.sync();
  }

  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.unschedule();
      clearTimeout(this.retry);
      await this.file.close();
    }
  }

  private state(): string {
    const waiting = `${this.queue.length} records (${this.queuedBytes} bytes) wait`;
    const lost = this.refused === 0 ? '' : `, ${this.refused} were refused because the queue is full`;
    return `${this.problem ?? 'the disk is slower than the traffic'}; ${waiting}${lost}`;
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    const begin = (): void => {
      // Not only in `storeBatch`: while a write is under way none begins, and what waits must be scheduled again after it.
      this.isScheduled = false;
      void this.store();
    };
    const wait = this.beganAt + (this.options.writeEveryMs ?? DEFAULT_WRITE_EVERY_MS) - performance.now();
    if (wait > 0) this.next = setTimeout(begin, wait);
    else this.soon = setImmediate(begin);
  }

  private unschedule(): void {
    this.isScheduled = false;
    clearTimeout(this.next);
    clearImmediate(this.soon);
  }

  /** One batch at a time, whoever asks. */
  private async store(): Promise<void> {
    this.storing ??= this.storeBatch().finally(() => {
      this.storing = undefined;
    });
    await this.storing;
  }

  private async storeBatch(): Promise<void> {
    this.unschedule();
    clearTimeout(this.retry);
    if (this.queue.length > 0) this.beganAt = performance.now();
    this.retry = undefined;
    const batch = firstLines(this.queue);
    const written = await this.file.write(bytesOf(batch));
    this.drop(batch, written);
    this.problem = written.error?.message;
    if (written.error !== undefined) return this.retryLater();
    if (this.queue.length > 0) this.schedule();
  }

  /** Only lines that were written whole leave the queue; a cut one is written again, under the same record id. */
  private drop(batch: readonly QueuedLine[], { bytes }: Written): void {
    let left = bytes;
    let count = 0;
    for (const line of batch) {
      if (line.bytes > left) break;
      left -= line.bytes;
      count += 1;
    }
    this.queue.splice(0, count);
    this.queuedBytes -= bytes - left;
    this.stored += count;
  }

  private retryLater(): void {
    this.retry = setTimeout(() => void this.store(), this.options.retryDelayMs ?? 1_000);
    // A process that wants to end must not be kept by a broken disk; `close` tries once more and says what is lost.
    this.retry.unref();
  }
}

const bytesOf = (lines: readonly QueuedLine[]): Buffer => {
  const bytes = Buffer.allocUnsafe(lines.reduce((sum, line) => sum + line.bytes, 0));
  let written = 0;
  for (const line of lines) {
    written += bytes.write(line.json, written);
    written = bytes.writeUInt8(LINE_FEED, written);
  }
  return bytes;
};

const firstLines = (queue: readonly QueuedLine[]): readonly QueuedLine[] => {
  let bytes = 0;
  const end = queue.findIndex((line) => (bytes += line.bytes) > MAX_BATCH_BYTES);
  return end === -1 ? queue.slice() : queue.slice(0, Math.max(1, end));
};
