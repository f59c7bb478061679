import { eventLine, type EventHead, type EventLine } from './event-line.ts';
import type { OpenIntent } from './open-intents.ts';

export interface BatchEvent {
  readonly id: string;
  readonly sequence: number;
  /** JSON, without a line feed. */
  readonly line: string;
  /** When it was written to the spool, milliseconds since the epoch. */
  readonly at: number;
  readonly counted: Counted;
}

/** Where a waiting record was counted: when this run wrote it, when an earlier run's segment was found, or nowhere. */
export type Counted = 'own' | 'earlier' | 'not';

export interface BatchLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Events on their way to the ledger, and what is to be forgotten once it has them. */
export interface Batch {
  readonly events: readonly BatchEvent[];
  /** Segments whose records are acknowledged up to an offset then. */
  readonly ends: ReadonlyMap<string, number>;
  /** Segments that hold an intent less, one entry each. */
  readonly released: readonly string[];
}

export interface RecordSource {
  readonly at: number;
  readonly counted: Counted;
  /** The intent that the record settles. */
  readonly intent?: OpenIntent | undefined;
}

/** Longest event that a batch makes room for before it is full. */
const ROOM_BYTES = 20_000;

/** Collects one batch. The same event is in it once, although a failed disk may have left it in two segments. */
export class BatchBuilder {
  private readonly events: BatchEvent[] = [];
  private readonly seen = new Set<string>();
  private readonly released: string[] = [];
  private bytes = 0;

  constructor(private readonly limits: BatchLimits) {}

  /** A record may add two events. */
  get isFull(): boolean {
    return this.room < 2 || this.bytes + ROOM_BYTES > this.limits.maxBytes;
  }

  get room(): number {
    return Math.max(0, this.limits.maxEvents - this.events.length);
  }

  /** A record, and the intent that it settles. */
  addRecord(line: EventLine, source: RecordSource): void {
    this.add(line, source);
    const { intent } = source;
    if (intent === undefined) return;
    this.released.push(intent.segment);
    // Made without its intent (the plugin server had died before it answered): sent under both sequences, counted once.
    if (!isSamePosition(intent.head, line.head))
      this.add({ head: intent.head, data: line.data }, { ...source, counted: 'not' });
  }

  /** A call of which nobody knows what became: its intent says what is recorded then. */
  addUnsettled(intent: OpenIntent): void {
    const { id, sequence } = intent.head;
    this.push({ id, sequence, line: intent.event, at: intent.at, counted: 'not' });
    this.released.push(intent.segment);
  }

  build(ends: ReadonlyMap<string, number>): Batch | undefined {
    if (this.events.length === 0) return undefined;
    return { events: this.events, released: this.released, ends };
  }

  private add(line: EventLine, { at, counted }: RecordSource): void {
    const { id, epoch, sequence } = line.head;
    const key = `${id} ${epoch} ${sequence}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.push({ id, sequence, line: eventLine(line), at, counted });
  }

  private push(event: BatchEvent): void {
    this.events.push(event);
    this.bytes += event.line.length;
  }
}

/** A record made with its intent stands where the intent stood; one made without took a sequence of its own. */
const isSamePosition = (left: EventHead, right: EventHead): boolean =>
  left.epoch === right.epoch && left.sequence === right.sequence && left.nodeId === right.nodeId;
