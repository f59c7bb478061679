/**
 * A memory of what was asked for lately, for values that can be made again: at most `maximum` entries in two generations.
 * Finding a young entry changes nothing, which a strict LRU order cannot say; an old one becomes young when it is asked
 * for, and the old ones go together when the young fill their half. Whatever was among the last `maximum / 2` different
 * keys is still there.
 */
export class RecentMap<Key, Value> {
  readonly #half: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  constructor(maximum: number) {
    this.#half = Math.max(1, Math.floor(maximum / 2));
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    this.#old.delete(key);
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
