import { compilePattern, isExact, matchesPattern, type Pattern } from './pattern.ts';

/** Values under names and patterns. */
export interface PatternBuckets<Value> {
  /** Every value whose pattern matches the name. */
  visit(name: string, see: (value: Value) => void): void;
}

interface Bucket<Value> {
  readonly pattern: Pattern;
  readonly value: Value;
}

/**
 * Exact names in a Map; patterns by their literal prefix, so that a look-up costs one step per *length* of prefix in use
 * and not one per pattern.
 */
export const createPatternBuckets = <Value>(
  listed: readonly (readonly [pattern: string, value: Value])[],
): PatternBuckets<Value> => {
  if (listed.length === 0) return noBuckets;
  const exact = new Map<string, Value[]>();
  const byLength = new Map<number, Map<string, Bucket<Value>[]>>();
  for (const [text, value] of listed) {
    const pattern = compilePattern(text);
    if (isExact(pattern)) add(exact, text, value);
    else add(bucketsOf(byLength, pattern.prefix.length), pattern.prefix, { pattern, value });
  }
  const lengths = [...byLength];
  return {
    visit: (name, see) => {
      if (exact.size > 0) exact.get(name)?.forEach(see);
      for (const [length, buckets] of lengths) {
        if (length > name.length) continue;
        for (const { pattern, value } of buckets.get(name.slice(0, length)) ?? [])
          if (matchesPattern(pattern, name)) see(value);
      }
    },
  };
};

/** Shared: most callers have no rule about prompts or resources, and memory that is not there cannot be slow to reach. */
const noBuckets: PatternBuckets<never> = { visit: () => undefined };

const bucketsOf = <Entry>(byLength: Map<number, Map<string, Entry[]>>, length: number): Map<string, Entry[]> => {
  const known = byLength.get(length);
  if (known !== undefined) return known;
  const created = new Map<string, Entry[]>();
  byLength.set(length, created);
  return created;
};

const add = <Entry>(entries: Map<string, Entry[]>, key: string, entry: Entry): void => {
  const known = entries.get(key);
  if (known === undefined) entries.set(key, [entry]);
  else known.push(entry);
};
