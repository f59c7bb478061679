import { OldestEntry } from '../domain/oldest-entry.ts';

interface Ending {
  /** Milliseconds since the epoch; the entry is gone from then on. */
  readonly endsAt: number;
}

/** Two for each that is added: a map does not outgrow twice what is alive. */
const SWEPT_PER_ADDED = 2;

/**
 * A map whose entries end. Ended entries are never seen; their memory comes back a few at a time with each entry that is
 * added, so that no call waits for a walk over all of them.
 */
export class ExpiringMap<Value extends Ending> {
  readonly #entries = new Map<string, Value>();
  #cursor: IterableIterator<[string, Value]> = this.#entries.entries();
  readonly #oldest = new OldestEntry(this.#entries);

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, now: number): Value | undefined {
    const value = this.#entries.get(key);
    return value !== undefined && now < value.endsAt ? value : undefined;
  }

  add(key: string, value: Value, now: number): void {
    this.#sweep(now);
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  sweepAll(now: number): void {
    for (const [key, value] of this.#entries) if (value.endsAt <= now) this.#entries.delete(key);
  }

  dropOldest(): void {
    this.#oldest.drop();
  }

  /** Looks at the next entries, from where the last sweep stopped. */
  #sweep(now: number): void {
    for (let step = 0; step < SWEPT_PER_ADDED; step++) {
      const next = this.#cursor.next();
      if (next.done === true) {
        this.#cursor = this.#entries.entries();
        this.#oldest.restart();
        return;
      }
      const [key, value] = next.value;
      if (value.endsAt <= now) this.#entries.delete(key);
    }
  }
}
