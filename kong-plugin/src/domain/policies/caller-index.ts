import type { Caller } from '../caller.ts';
import type { CallerMatch } from '../rule.ts';
import {
  callerFields,
  callerValues,
  compileCallerMatch,
  type CallerField,
  type CallerMatcher,
} from './caller-matcher.ts';

interface Indexed<Value> {
  readonly order: number;
  readonly matches: CallerMatcher;
  readonly value: Value;
}

/**
 * Finds what concerns a caller without trying everything: through exact consumers, tenants, tags, ...; only entries whose
 * callers are all patterns, or everyone, are tried one by one. Answers in the order of the entries.
 */
export const createCallerIndex = <Value>(
  entries: readonly { readonly match: CallerMatch; readonly value: Value }[],
): ((caller: Caller) => readonly Value[]) => {
  const byValue = new Map(callerFields.map((field) => [field, new Map<string, Indexed<Value>[]>()]));
  const unindexed: Indexed<Value>[] = [];
  entries.forEach(({ match, value }, order) => {
    const indexed = { order, matches: compileCallerMatch(match), value };
    const field = exactField(match);
    if (field === undefined) unindexed.push(indexed);
    else for (const name of new Set(match[field])) add(byValue.get(field), name, indexed);
  });
  return (caller) => {
    const candidates = new Set(unindexed);
    for (const [field, values] of byValue)
      for (const name of callerValues(caller, field)) values.get(name)?.forEach((entry) => candidates.add(entry));
    return [...candidates]
      .filter(({ matches }) => matches(caller))
      .sort((left, right) => left.order - right.order)
      .map(({ value }) => value);
  };
};

/** A field without a single pattern: a caller that lacks all its values cannot match. */
const exactField = (match: CallerMatch): CallerField | undefined =>
  callerFields.find((field) => match[field]?.every((pattern) => !pattern.includes('*')));

const add = <Entry>(values: Map<string, Entry[]> | undefined, name: string, entry: Entry): void => {
  const known = values?.get(name);
  if (known === undefined) values?.set(name, [entry]);
  else known.push(entry);
};
