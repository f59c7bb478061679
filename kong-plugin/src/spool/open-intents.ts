import type { EventHead } from './event-line.ts';

/** A call that was about to be forwarded, and of which no record has been read yet. */
export interface OpenIntent {
  readonly head: EventHead;
  /** When it was written, milliseconds since the epoch. */
  readonly at: number;
  readonly event: string;
  /** The segment that holds it, which stays until the intent is settled. */
  readonly segment: string;
}

export interface ExpiryOptions {
  readonly now: number;
  readonly settleTimeoutMs: number;
  readonly hasEnded: (epoch: string) => boolean;
}

/**
 * A call of a run that goes on may stream for hours, and its log phase will come; Kong drops one only when a worker dies.
 * After a day nobody waits for an answer any more.
 */
export const LIVE_INTENT_MS = 86_400_000;

/** Intents by the id of their record, and how many each segment still has to keep. */
export class OpenIntents {
  private readonly byId = new Map<string, OpenIntent>();
  private readonly held = new Map<string, number>();

  get size(): number {
    return this.byId.size;
  }

  /** An intent that was written again, to let its segment go, is held by the later segment. */
  open(intent: OpenIntent): void {
    const before = this.byId.get(intent.head.id);
    if (before !== undefined) this.release(before.segment);
    this.byId.set(intent.head.id, intent);
    this.held.set(intent.segment, this.heldBy(intent.segment) + 1);
  }

  /** Takes the intent of a record. Its segment is held until `release`, which is when the record is acknowledged. */
  take(id: string): OpenIntent | undefined {
    const intent = this.byId.get(id);
    this.byId.delete(id);
    return intent;
  }

  /** Takes those that nobody will settle any more. */
  takeExpired({ now, settleTimeoutMs, hasEnded }: ExpiryOptions, most: number): readonly OpenIntent[] {
    const expired: OpenIntent[] = [];
    for (const intent of this.byId.values()) {
      if (expired.length === most) break;
      const patience = hasEnded(intent.head.epoch) ? settleTimeoutMs : LIVE_INTENT_MS;
      if (intent.at + patience <= now) expired.push(intent);
    }
    for (const { head } of expired) this.byId.delete(head.id);
    return expired;
  }

  release(segment: string): void {
    const left = this.heldBy(segment) - 1;
    if (left > 0) this.held.set(segment, left);
    else this.held.delete(segment);
  }

  heldBy(segment: string): number {
    return this.held.get(segment) ?? 0;
  }

  in(segment: string): readonly OpenIntent[] {
    return [...this.byId.values()].filter((intent) => intent.segment === segment);
  }

  epochs(): ReadonlySet<string> {
    return new Set([...this.byId.values()].map(({ head }) => head.epoch));
  }
}
