/** A map that forgets its least recently used entry once it is full, so that callers cannot make it grow. */
export class LruMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #maximum: number;
  /** Stands behind the entry that was forgotten last. */
  #oldest: IterableIterator<Key> | undefined;
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
    if (this.#entries.size > this.#maximum) this.#forgetOldest();
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  /** An iterator that stands still keeps each table that the map has outgrown since: none does so for long. */
  #append(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#appended += 1;
    if (this.#appended < this.#maximum) return;
    this.#appended = 0;
    this.#oldest = undefined;
  }

  /** From the beginning it would pass a hole for each entry that is gone or was moved: 68 us in a map of 100,000. */
  #forgetOldest(): void {
    this.#oldest ??= this.#entries.keys();
    const next = this.#oldest.next();
    if (next.done === true) this.#oldest = undefined;
    else this.#entries.delete(next.value);
  }
}
