import { asText } from '../shared/errors.ts';
import type { KongField } from './kong-schema.ts';
import { toRegExp } from './lua-pattern.ts';

type Check = (value: unknown, field: KongField) => string | undefined;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

const show = (value: unknown): string => (value === undefined ? 'null' : asText(value));

/** In the order in which Kong tries them (`Schema.validators_order`), with Kong's messages. */
const checks: readonly (readonly [keyof KongField, Check])[] = [
  ['eq', (value, { eq }) => (same(value, eq) ? undefined : `value must be ${show(eq)}`)],
  ['ne', (value, { ne }) => (same(value, ne) ? `value must not be ${show(ne)}` : undefined)],
  [
    'not_one_of',
    (value, { not_one_of }) =>
      not_one_of?.includes(value) === true ? `must not be one of: ${not_one_of.map(show).join(', ')}` : undefined,
  ],
  [
    'one_of',
    (value, { one_of }) =>
      one_of?.includes(value) === false ? `expected one of: ${one_of.map(show).join(', ')}` : undefined,
  ],
  ['gt', (value, { gt }) => ((value as number) > (gt ?? 0) ? undefined : `value must be greater than ${show(gt)}`)],
  ['uuid', (value) => (isUuid(value) ? undefined : 'expected a valid UUID')],
  ['is_regex', (value) => (isRegex(value as string) ? undefined : 'not a valid regex')],
  ['between', (value, { between }) => outside(value as number, between)],
  ['len_eq', (value, { len_eq }) => (length(value) === len_eq ? undefined : `length must be ${show(len_eq)}`)],
  [
    'len_min',
    (value, { len_min }) => (length(value) >= (len_min ?? 0) ? undefined : `length must be at least ${show(len_min)}`),
  ],
  [
    'len_max',
    (value, { len_max }) =>
      length(value) <= (len_max ?? Infinity) ? undefined : `length must be at most ${show(len_max)}`,
  ],
  [
    'starts_with',
    (value, { starts_with }) =>
      (value as string).startsWith(starts_with ?? '') ? undefined : `should start with: ${starts_with}`,
  ],
  ['not_match', (value, { not_match }) => (matches(value, not_match) ? `invalid value: ${show(value)}` : undefined)],
  ['match_none', (value, { match_none }) => match_none?.find(({ pattern }) => matches(value, pattern))?.err],
  ['match', (value, { match }) => (matches(value, match) ? undefined : `invalid value: ${show(value)}`)],
  ['match_all', (value, { match_all }) => match_all?.find(({ pattern }) => !matches(value, pattern))?.err],
  [
    'match_any',
    (value, { match_any }) =>
      match_any?.patterns.some((pattern) => matches(value, pattern)) === false ? match_any.err : undefined,
  ],
  ['validator', (value, { validator }) => validator?.(value as never)],
];

/** What is wrong with a value of the right type; undefined when nothing is. */
export const checkValue = (value: unknown, field: KongField): string | undefined => {
  for (const [key, check] of checks) {
    if (field[key] === undefined) continue;
    const problem = check(value, field);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const same = (left: unknown, right: unknown): boolean => (left ?? null) === (right ?? null);

const outside = (value: number, between: readonly [number, number] | undefined): string | undefined =>
  between !== undefined && (value < between[0] || value > between[1])
    ? `value should be between ${between[0]} and ${between[1]}`
    : undefined;

/** Lua counts bytes. */
const length = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  return Object.keys(value as object).length;
};

const matches = (value: unknown, pattern: string | undefined): boolean =>
  pattern !== undefined && typeof value === 'string' && toRegExp(pattern).test(value);

const isRegex = (source: string): boolean => {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
};
