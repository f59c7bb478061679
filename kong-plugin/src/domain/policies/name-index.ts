import { compilePattern, isEverything, isExact } from './pattern.ts';
import { createPatternBuckets } from './pattern-buckets.ts';

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

/** Deny beats allow; among allows the name itself beats a pattern; then the earlier rule. */
export const stronger = (left: Found | undefined, right: Found | undefined): Found | undefined => {
  if (left === undefined || right === undefined) return left ?? right;
  if (left.effect !== right.effect) return left.effect === 'deny' ? left : right;
  if (left.isExact !== right.isExact) return left.isExact ? left : right;
  return left.order <= right.order ? left : right;
};

const noNames: NameIndex = { find: () => undefined, allowsEverything: false, deniesSomething: false };

/** Exact names in a Map of their own, which holds the strongest entry only. */
export const createNameIndex = (listed: readonly (readonly [pattern: string, entry: Entry])[]): NameIndex => {
  if (listed.length === 0) return noNames;
  const exact = new Map<string, Found>();
  const open: (readonly [string, Found])[] = [];
  let allowsEverything = false;
  for (const [text, entry] of listed) {
    const pattern = compilePattern(text);
    const found = { ...entry, isExact: isExact(pattern) };
    if (found.isExact) exact.set(text, stronger(exact.get(text), found) ?? found);
    else open.push([text, found]);
    allowsEverything ||= entry.effect === 'allow' && isEverything(pattern);
  }
  const patterns = createPatternBuckets(open);
  return {
    find: (name) => {
      let best = exact.get(name);
      patterns.visit(name, (found) => (best = stronger(best, found)));
      return best;
    },
    allowsEverything,
    deniesSomething: listed.some(([, entry]) => entry.effect === 'deny'),
  };
};
