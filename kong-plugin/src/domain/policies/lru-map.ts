import { OldestEntry } from '../oldest-entry.ts';

/** A map that forgets its least recently used entry once it is full, so that callers cannot make it grow. */
export class LruMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #maximum: number;
  readonly #oldest = new OldestEntry(this.#entries);
  #appended = 0;

  constructor(maximum: number) {
    this.#maximum = Math.max(1, maximum);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#append(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#append(key, value);
    if (this.#entries.size > this.#maximum) this.#oldest.drop();
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  #append(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#appended += 1;
    if (this.#appended < this.#maximum) return;
    this.#appended = 0;
    this.#oldest.restart();
  }
}
