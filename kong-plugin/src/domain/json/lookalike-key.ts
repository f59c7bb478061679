import type { JsonObject } from './json-value.ts';

/** Names that mean something at one level of a message, and the folded form of each. */
export interface KnownNames {
  readonly exact: ReadonlySet<string>;
  readonly folded: ReadonlySet<string>;
}

export const knownNames = (names: Iterable<string>): KnownNames => {
  const exact = new Set(names);
  return { exact, folded: new Set([...exact].map(foldName)) };
};

/** A name spelled only with these folds to itself. */
const foldsToItself = /^[!-@[-~]*$/;

/**
 * What a lenient server may take a name for: without case (Go `encoding/json`: `Name`, `param\u017f`, CVE-2026-27896), without
 * what C strings end at or trim (`name\u0000`, GHSA-q382-vc8q-7jhj), in compatibility form.
 */
export const foldName = (name: string): string => {
  if (foldsToItself.test(name)) return name;
  const folded = name.normalize('NFKC').toLowerCase().normalize('NFKC');
  return folded.replace(/[\p{C}\p{Z}\s]/gu, '');
};

export const isLookalike = (name: string, known: KnownNames): boolean =>
  !known.exact.has(name) && known.folded.has(foldName(name));

/** The first key that is not a known name but could be taken for one. */
export const findLookalikeKey = (object: JsonObject, known: KnownNames): string | undefined => {
  for (const key in object) {
    if (isLookalike(key, known)) return key;
  }
  return undefined;
};
