import { createHash } from 'node:crypto';
import type { OpaInput, OpaResult } from '../domain/opa/opa-decision.ts';
import { opaCacheKey } from '../domain/opa/opa-input-json.ts';
import { LruMap } from '../domain/policies/lru-map.ts';

export interface OpaCacheOptions {
  /** How long an answer may be used after it was asked for. A policy about time or limits is late by as much. */
  readonly seconds: number;
  /** Some 300 bytes each: 10,000 are 3 MB. */
  readonly maxEntries?: number;
}

interface Options extends OpaCacheOptions {
  /** Milliseconds of a clock that is never set back, or an answer would live longer than configured. */
  readonly now: () => number;
}

interface Entry {
  readonly result: OpaResult;
  readonly expiresAt: number;
}

/** Answers to questions that are equal in everything but time and limits. Failures are never kept. */
export class OpaDecisionCache {
  private readonly entries: LruMap<string, Entry>;

  constructor(private readonly options: Options) {
    this.entries = new LruMap(options.maxEntries ?? 10_000);
  }

  /** A digest: arguments may have a megabyte, and secrets among them should not stay in memory. */
  keyOf(input: OpaInput): string {
    return createHash('sha256').update(opaCacheKey(input)).digest('base64');
  }

  find(key: string): OpaResult | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (this.options.now() < entry.expiresAt) return entry.result;
    this.entries.delete(key);
    return undefined;
  }

  /** `askedAt`, not the moment of the answer: the policy may have changed in between. */
  keep(key: string, result: OpaResult, askedAt: number): void {
    this.entries.set(key, { result, expiresAt: askedAt + this.options.seconds * 1000 });
  }
}
