import { compilePattern, isEverything, isExact, matchesPattern, type Pattern } from './pattern.ts';

/** One pattern of one rule. */
export interface Entry {
  /** Position of the rule in the configuration; earlier wins among equals. */
  readonly order: number;
  readonly rule: string;
  readonly effect: 'allow' | 'deny';
}

/** The entry that decides about a name; `isExact` when the entry is the name itself. */
export interface Found extends Entry {
  readonly isExact: boolean;
}

/** What a set of rules says about the names of one kind of item. */
export interface NameIndex {
  find(name: string): Found | undefined;
  readonly allowsEverything: boolean;
  readonly deniesSomething: boolean;
}

interface PatternEntry {
  readonly pattern: Pattern;
  readonly found: Found;
}

/** Deny beats allow; among allows the name itself beats a pattern; then the earlier rule. */
export const stronger = (left: Found | undefined, right: Found | undefined): Found | undefined => {
  if (left === undefined || right === undefined) return left ?? right;
  if (left.effect !== right.effect) return left.effect === 'deny' ? left : right;
  if (left.isExact !== right.isExact) return left.isExact ? left : right;
  return left.order <= right.order ? left : right;
};

/**
 * Exact names in a Map; patterns by their literal prefix, so that a look-up costs one step per *length* of prefix in
 * use and not one per pattern.
 */
export const createNameIndex = (listed: readonly (readonly [pattern: string, entry: Entry])[]): NameIndex => {
  const exact = new Map<string, Found>();
  const byLength = new Map<number, Map<string, PatternEntry[]>>();
  let allowsEverything = false;
  for (const [text, entry] of listed) {
    const pattern = compilePattern(text);
    const found = { ...entry, isExact: isExact(pattern) };
    if (found.isExact) exact.set(text, stronger(exact.get(text), found) ?? found);
    else addPattern(byLength, { pattern, found });
    allowsEverything ||= entry.effect === 'allow' && isEverything(pattern);
  }
  const lengths = [...byLength];
  return {
    find: (name) => findPattern(lengths, name, exact.get(name)),
    allowsEverything,
    deniesSomething: listed.some(([, entry]) => entry.effect === 'deny'),
  };
};

const addPattern = (byLength: Map<number, Map<string, PatternEntry[]>>, entry: PatternEntry): void => {
  const { prefix } = entry.pattern;
  const buckets = byLength.get(prefix.length) ?? new Map<string, PatternEntry[]>();
  byLength.set(prefix.length, buckets);
  const bucket = buckets.get(prefix);
  if (bucket === undefined) buckets.set(prefix, [entry]);
  else bucket.push(entry);
};

const findPattern = (
  lengths: readonly (readonly [number, ReadonlyMap<string, readonly PatternEntry[]>])[],
  name: string,
  exact: Found | undefined,
): Found | undefined => {
  let best = exact;
  for (const [length, buckets] of lengths) {
    if (length > name.length) continue;
    for (const { pattern, found } of buckets.get(name.slice(0, length)) ?? [])
      if (matchesPattern(pattern, name)) best = stronger(best, found);
  }
  return best;
};
