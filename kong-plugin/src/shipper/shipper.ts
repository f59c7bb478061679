import { MAX_BATCH_BYTES, MAX_BATCH_EVENTS, type InvocationReceipt } from '../domain/records/invocation-event.ts';
import type { Batch, BatchEvent } from '../spool/batch.ts';
import { messageOf } from '../spool/directory.ts';
import { quarantine } from '../spool/quarantine-file.ts';
import type { SpoolReader } from '../spool/spool-reader.ts';
import { backoffMs } from './backoff.ts';
import { Pause } from './pause.ts';
import { postBatch, type ShipTarget } from './post-batch.ts';
import { readAnswer, type ShipAnswer } from './read-answer.ts';
import { BatchSender } from './send-batch.ts';

export interface ShipperOptions {
  readonly dir: string;
  readonly reader: SpoolReader;
  /** Whether this run ships; once it does, it does to its end. */
  readonly leads: () => Promise<boolean>;
  /** Asked before every post: an operator may change it. */
  readonly target: () => ShipTarget;
  readonly now: () => number;
  readonly random: () => number;
  readonly onEvent?: (event: ShipperEvent) => void;
  readonly limits?: Partial<ShipperLimits>;
}

export interface ShipperLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** How long the first record of a batch waits for others. */
  readonly lingerMs: number;
  /** How often an idle shipper looks for what timed out and who has ended. */
  readonly idleMs: number;
  /** Pause after an answer that an operator must deal with. */
  readonly refusedMs: number;
  readonly timeoutMs: number;
  /** A process that ends spends no more than this on a last batch: the next run has the rest. */
  readonly lastRoundMs: number;
}

const shipperLimits: ShipperLimits = {
  maxEvents: MAX_BATCH_EVENTS,
  maxBytes: MAX_BATCH_BYTES,
  lingerMs: 200,
  idleMs: 1_000,
  refusedMs: 60_000,
  timeoutMs: 30_000,
  lastRoundMs: 2_000,
};

export type ShipperEvent =
  | { readonly kind: 'stored'; readonly receipt: InvocationReceipt }
  | { readonly kind: 'set_aside'; readonly id: string; readonly sequence: number; readonly reason: string }
  /** Nothing was shipped; `refused` needs an operator. */
  | { readonly kind: 'failed'; readonly cause: 'away' | 'refused' | 'disk'; readonly why: string };

/** Carries the spool to the ledger: one batch at a time, in order, each until the ledger has it. */
export class Shipper {
  private readonly limits: ShipperLimits;
  private readonly pause = new Pause();
  private readonly sender: BatchSender;
  private running: Promise<void> | undefined;
  private isClosing = false;
  private failures = 0;
  private trouble: string | undefined;
  private underWay: Batch | undefined;
  private posting: AbortController | undefined;
  private isLate = false;

  constructor(private readonly options: ShipperOptions) {
    this.limits = { ...shipperLimits, ...options.limits };
    this.sender = new BatchSender(
      {
        post: (events) => this.post(events),
        setAside: (event, reason) => this.setAside(event, reason),
        onReceipt: (receipt) => this.tell({ kind: 'stored', receipt }),
      },
      this.limits.maxEvents,
    );
  }

  start(): void {
    this.running ??= this.run();
  }

  /** There is something new in the spool. */
  notify(): void {
    this.pause.news();
  }

  /** Address or credential are new: worth another try at once. */
  retry(): void {
    this.pause.cut();
  }

  /** Why nothing is shipped; undefined while all goes well. */
  get problem(): string | undefined {
    return this.trouble;
  }

  /** When the oldest event of the batch under way was written; undefined while none is. */
  get oldestAt(): number | undefined {
    return this.underWay?.events[0]?.at;
  }

  /** Sends what it can in a moment, then stops; what is left stays on the disk. */
  async close(): Promise<void> {
    this.isClosing = true;
    const deadline = setTimeout(() => {
      this.isLate = true;
      this.posting?.abort(new Error('the node stops'));
    }, this.limits.lastRoundMs);
    this.pause.stop();
    try {
      await this.running;
      if (this.running !== undefined && this.trouble === undefined)
        while (!this.isLate && (await this.round())) continue;
    } finally {
      clearTimeout(deadline);
    }
  }

  private async run(): Promise<void> {
    while (!this.isClosing) {
      if (await this.round()) continue;
      if (this.trouble === undefined) await this.pause.forNews(this.limits.idleMs);
    }
  }

  /** One batch at most. True when the next may follow at once. */
  private async round(): Promise<boolean> {
    try {
      if (!(await this.options.leads())) return false;
      const batch = (this.underWay ??= await this.nextBatch());
      if (batch === undefined) {
        await this.options.reader.tidy();
        this.trouble = undefined;
        return false;
      }
      const sent = await this.sender.send();
      if (sent.kind === 'later') return await this.putOff(sent.answer);
      await this.options.reader.acknowledge(batch);
      this.underWay = undefined;
      this.failures = 0;
      this.trouble = undefined;
      await this.options.reader.tidy();
      // A batch that was not full is followed by what the next moment brings.
      if (batch.events.length < this.limits.maxEvents / 2) await this.pause.for(this.limits.lingerMs);
      return true;
    } catch (error) {
      return this.putOff({ kind: 'away', why: messageOf(error) }, 'disk');
    }
  }

  private async nextBatch(): Promise<Batch | undefined> {
    const batch = await this.options.reader.next(this.limits);
    if (batch !== undefined) this.sender.load(batch.events);
    return batch;
  }

  private async putOff(
    answer: Extract<ShipAnswer, { readonly kind: 'away' | 'refused' }>,
    cause: 'away' | 'refused' | 'disk' = answer.kind,
  ): Promise<false> {
    this.trouble = answer.why;
    this.tell({ kind: 'failed', cause, why: answer.why });
    const { random } = this.options;
    const wait =
      answer.kind === 'refused'
        ? this.limits.refusedMs
        : backoffMs({ attempt: this.failures, random: random(), retryAfterMs: answer.retryAfterMs });
    this.failures += 1;
    if (!this.isClosing) await this.pause.for(wait);
    return false;
  }

  private async post(events: readonly BatchEvent[]): Promise<ShipAnswer> {
    const { target, now } = this.options;
    const posting = new AbortController();
    const { timeoutMs } = this.limits;
    const patience = setTimeout(
      () => posting.abort(new Error(`nothing came within ${timeoutMs} ms`)),
      timeoutMs,
    ).unref();
    this.posting = posting;
    try {
      const lines = events.map(({ line }) => line);
      const answer = await postBatch({ ...target(), lines, now: now(), signal: posting.signal });
      return readAnswer(answer, { events: events.length, now: now() });
    } catch (error) {
      return { kind: 'away', why: `the ledger does not answer: ${causeOf(error)}` };
    } finally {
      clearTimeout(patience);
    }
  }

  private async setAside({ id, sequence, line }: BatchEvent, reason: string): Promise<void> {
    const { dir, now } = this.options;
    const { isKept } = await quarantine(dir, [{ why: 'refused', reason, event: line }], { at: now() });
    const kept = isKept ? reason : `${reason}; the quarantine file is full, so it is gone`;
    this.tell({ kind: 'set_aside', id, sequence, reason: kept });
  }

  private tell(event: ShipperEvent): void {
    this.options.onEvent?.(event);
  }
}

const causeOf = (error: unknown): string =>
  messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);
