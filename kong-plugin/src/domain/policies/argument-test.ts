import { canonicalJson } from '../json/canonical-json.ts';
import type { JsonValue } from '../json/json-value.ts';
import type { ArgumentTest } from '../snapshot/snapshot.ts';
import { compilePattern, matchesPattern } from './pattern.ts';

/**
 * `incomparable`: the argument is there but of a kind that the comparison is not about, such as the text "5000" for a
 * number. Servers may convert it, so a rule that denies counts it as met and one that allows as not met.
 */
export type TestResult = boolean | 'incomparable';

/** The comparison, compiled; undefined is an argument that is left out, which only `exists: false` is met by. */
export const compileArgumentTest = (test: ArgumentTest): ((value: JsonValue | undefined) => TestResult) => {
  if (test.operator === 'exists') return (value) => (value !== undefined) === test.value;
  const compare = compileComparison(test);
  return (value) => value !== undefined && compare(value);
};

type Comparison = (value: JsonValue) => TestResult;

const compileComparison = (test: Exclude<ArgumentTest, { readonly operator: 'exists' }>): Comparison => {
  switch (test.operator) {
    case 'equals':
      return isOneOf([test.value]);
    case 'not_equals':
      return not(isOneOf([test.value]));
    case 'in':
      return isOneOf(test.value);
    case 'not_in':
      return not(isOneOf(test.value));
    case 'less':
      return ofNumber((value) => value < test.value);
    case 'at_most':
      return ofNumber((value) => value <= test.value);
    case 'greater':
      return ofNumber((value) => value > test.value);
    case 'at_least':
      return ofNumber((value) => value >= test.value);
    case 'like':
      return ofText(test.value);
    case 'not_like':
      return not(ofText(test.value));
    case 'longer_than':
      return ofLength((length) => length > test.value);
    case 'shorter_than':
      return ofLength((length) => length < test.value);
  }
};

const not =
  (compare: Comparison): Comparison =>
  (value) => {
    const result = compare(value);
    return result === 'incomparable' ? result : !result;
  };

/** By value: 1 and 1.0 are one number, and the order of keys does not matter. */
const isOneOf = (values: readonly JsonValue[]): Comparison => {
  const known = new Set(values.map(canonicalJson));
  const hasCompound = values.some(isCompound);
  return (value) => (hasCompound || !isCompound(value)) && known.has(canonicalJson(value));
};

const isCompound = (value: JsonValue): boolean => typeof value === 'object' && value !== null;

const ofNumber =
  (compare: (value: number) => boolean): Comparison =>
  (value) =>
    typeof value === 'number' ? compare(value) : 'incomparable';

const ofText = (text: string): Comparison => {
  const pattern = compilePattern(text);
  return (value) => (typeof value === 'string' ? matchesPattern(pattern, value) : 'incomparable');
};

const ofLength =
  (compare: (length: number) => boolean): Comparison =>
  (value) => {
    if (typeof value === 'string') return compare(countCharacters(value));
    return Array.isArray(value) ? compare(value.length) : 'incomparable';
  };

/** Code points: an emoji is one. Counted, not collected, because arguments may be megabytes. */
const countCharacters = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};
