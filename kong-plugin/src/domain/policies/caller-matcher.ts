import type { Caller } from '../caller.ts';
import type { CallerMatch } from '../rule.ts';
import { compilePattern, isExact, matchesPattern, type Pattern } from './pattern.ts';

export type CallerField = 'consumers' | 'customIds' | 'applications' | 'tenants' | 'groups' | 'tags';

/** Most selective first: the first of them that a rule names exactly is where the rule is found. */
export const callerFields: readonly CallerField[] = [
  'consumers',
  'customIds',
  'applications',
  'tenants',
  'groups',
  'tags',
];

/** What a caller has to show for a field; nothing, when the gateway proved nothing. */
export const callerValues = (caller: Caller, field: CallerField): readonly string[] => {
  switch (field) {
    case 'consumers':
      return present(caller.consumer);
    case 'customIds':
      return present(caller.customId);
    case 'applications':
      return present(caller.application);
    case 'tenants':
      return present(caller.tenant);
    case 'groups':
      return caller.groups;
    case 'tags':
      return caller.tags;
  }
};

export type CallerMatcher = (caller: Caller) => boolean;

/** `anonymous: true` lets in callers that Kong did not authenticate; the other fields must match all the same. */
export const compileCallerMatch = (match: CallerMatch): CallerMatcher => {
  const fields = callerFields.flatMap((field) => {
    const patterns = match[field];
    return patterns === undefined ? [] : [{ field, matches: compileAny(patterns) }];
  });
  return (caller) =>
    (caller.consumerId !== undefined || match.anonymous === true) &&
    fields.every(({ field, matches }) => callerValues(caller, field).some(matches));
};

const compileAny = (patterns: readonly string[]): ((value: string) => boolean) => {
  const compiled = patterns.map(compilePattern);
  const exact = new Set(compiled.filter(isExact).map((pattern) => pattern.prefix));
  const open: readonly Pattern[] = compiled.filter((pattern) => !isExact(pattern));
  return (value) => exact.has(value) || open.some((pattern) => matchesPattern(pattern, value));
};

const present = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);
