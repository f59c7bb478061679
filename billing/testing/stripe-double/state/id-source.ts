import { createHash } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const idLength = 24;

/** Ids that look like Stripe's and depend only on the seed and on how many were taken before. */
export class IdSource {
  readonly #seed: string;
  #taken = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  next(prefix: string): string {
    this.#taken += 1;
    const digest = createHash('sha256').update(`${this.#seed}/${this.#taken}`).digest();
    let tail = '';
    for (const byte of digest.subarray(0, idLength)) tail += alphabet[byte % alphabet.length] ?? '0';
    return `${prefix}_${tail}`;
  }
}

/** A seeded sequence of fractions in [0, 1) for the fault knobs (mulberry32). */
export function createFractions(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32BE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
