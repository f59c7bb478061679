import type { Demand, TakenUnits } from '../domain/limits/limit-rule.ts';
import { decideWithoutStore } from '../domain/limits/store-away.ts';
import { LruMap } from '../domain/policies/lru-map.ts';
import type { StoreHealth } from '../ports/counter-store.ts';

export interface LinkOptions {
  /** For messages: `Redis`, `PostgreSQL`. */
  readonly name: string;
  /** No call waits longer for the store. */
  readonly deadlineMs?: number;
  /** Pause before a store that is away is asked again. */
  readonly probeDelayMs?: number;
  /** Told once each time that the store goes away, comes back, or comes back empty. */
  readonly onNotice?: (notice: string) => void;
  /** Milliseconds since the epoch, for health only. */
  readonly clock?: () => number;
  /** Resolves when the store answers. */
  readonly probe: Work<unknown>;
  /** Undoes a take of which nobody knows whether it was counted. */
  readonly undo: (doubt: Doubt, attempt: Attempt) => Promise<unknown>;
}

/** Work that waited for a connection until nobody wants its answer any more must not be sent. */
export interface Attempt {
  isLate: boolean;
}

export type Work<Value> = (attempt: Attempt) => Promise<Value>;

/** A take that failed on its way: the store may have counted a call that was refused. */
export interface Doubt extends Return {
  readonly demands: readonly Demand[];
}

/** What is to be given back. */
export interface Return {
  readonly takeId: string;
  readonly demands: readonly TakenUnits[];
  readonly now: number;
}

/** A healthy store answers in 1 to 5 ms; what takes 100 is better refused than queued. */
const DEFAULT_DEADLINE_MS = 100;
const DEFAULT_PROBE_DELAY_MS = 1_000;
/** Long enough for a readiness probe and a scrape to see that counters began anew. */
const EMPTIED_SHOWN_MS = 60_000;
/** What an outage of seconds leaves behind; the oldest are dropped, and their units end with their windows. */
const MAX_DOUBTS = 10_000;
/** Hash tags whose marker is remembered. */
const MAX_MARKERS = 10_000;

/**
 * What every remote counter store needs around its commands: a deadline, health that recovers without traffic, and what to do
 * about takes whose fate is unknown.
 */
export class CounterStoreLink {
  private problem: string | undefined;
  private emptiedAt: number | undefined;
  private probing: NodeJS.Timeout | undefined;
  private isClosed = false;
  private readonly doubts = new Map<string, Doubt>();
  private readonly markers = new LruMap<string, string>(MAX_MARKERS);

  constructor(private readonly options: LinkOptions) {}

  /** Rejects when the store does not answer in time, and keeps in mind that it did not. */
  async run<Value>(work: Work<Value>): Promise<Value> {
    if (this.isClosed) throw new Error(`${this.options.name} counter store is closed`);
    try {
      const value = await this.withDeadline(work);
      this.succeeded();
      return value;
    } catch (error) {
      this.failed(error);
      throw new Error(`${this.options.name} counter store: ${messageOf(error)}`, { cause: error });
    }
  }

  /** `run` for a take: one that fails is undone later, unless its call passes without being counted. */
  async runTake<Value>(doubt: Doubt, work: Work<Value>): Promise<Value> {
    this.doubts.delete(doubt.takeId);
    try {
      return await this.run(work);
    } catch (error) {
      if (!decideWithoutStore(doubt.demands).passes) this.keep(doubt);
      throw error;
    }
  }

  /** Every store carries a random marker, written with the first count; another one means that the counts before are lost. */
  sawMarker(place: string, marker: string): void {
    const known = this.markers.get(place);
    this.markers.set(place, marker);
    if (known === undefined || known === marker) return;
    this.emptiedAt = this.now();
    this.options.onNotice?.(`${this.options.name} counter store came back empty: counters start from zero`);
  }

  failed(error: unknown): void {
    const wasWell = this.problem === undefined;
    this.problem = messageOf(error);
    if (this.isClosed) return;
    if (wasWell) this.options.onNotice?.(`${this.options.name} counter store is away: ${this.problem}`);
    this.probing ??= this.probeLater();
  }

  health(): StoreHealth {
    if (this.isClosed) return { ok: false, why: 'the store is closed' };
    if (this.problem !== undefined) return { ok: false, why: this.problem };
    if (this.emptiedAt !== undefined && this.now() - this.emptiedAt < EMPTIED_SHOWN_MS)
      return { ok: false, why: 'the store came back empty: counters start from zero' };
    return { ok: true };
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.probing);
  }

  /** The timer is all that is left of a command that never ends; what it answers late is not wanted. */
  async withDeadline<Value>(work: Work<Value>): Promise<Value> {
    const attempt = { isLate: false };
    const deadlineMs = this.options.deadlineMs ?? DEFAULT_DEADLINE_MS;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        attempt.isLate = true;
        reject(new Error(`no answer within the deadline of ${deadlineMs} ms`));
      }, deadlineMs);
    });
    try {
      return await Promise.race([work(attempt), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private succeeded(): void {
    if (this.problem === undefined) return;
    this.problem = undefined;
    clearTimeout(this.probing);
    this.probing = undefined;
    this.options.onNotice?.(`${this.options.name} counter store is back`);
    void this.undoDoubts();
  }

  /** Without it a node that is taken out of traffic for a red readiness would stay red for ever. */
  private probeLater(): NodeJS.Timeout {
    const timer = setTimeout(() => void this.probe(), this.options.probeDelayMs ?? DEFAULT_PROBE_DELAY_MS);
    return timer.unref();
  }

  private async probe(): Promise<void> {
    try {
      await this.withDeadline(this.options.probe);
      this.succeeded();
    } catch (error) {
      this.problem = messageOf(error);
      if (!this.isClosed && this.probing !== undefined) this.probing = this.probeLater();
    }
  }

  private keep(doubt: Doubt): void {
    this.doubts.set(doubt.takeId, doubt);
    if (this.doubts.size <= MAX_DOUBTS) return;
    for (const oldest of this.doubts.keys()) {
      this.doubts.delete(oldest);
      return;
    }
  }

  private async undoDoubts(): Promise<void> {
    for (const doubt of [...this.doubts.values()]) {
      if (this.isClosed || this.problem !== undefined) return;
      try {
        await this.withDeadline((attempt) => this.options.undo(doubt, attempt));
        this.doubts.delete(doubt.takeId);
      } catch (error) {
        this.failed(error);
      }
    }
  }

  private now(): number {
    return this.options.clock?.() ?? Date.now();
  }
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // A host with two addresses fails with two errors and no message of its own.
  return error.message || (error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : error.name);
};
