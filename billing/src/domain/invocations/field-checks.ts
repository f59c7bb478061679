/** What is wrong with a value, as the end of a sentence that begins with its field; undefined when nothing is. */
export type Check = (value: unknown) => string | undefined;

/** Texts of a record have 512 characters at most, and an ellipsis; a sender other than the plugin gets the same room. */
const MAX_TEXT = 1_024;

export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value);

/** Text that a column holds: PostgreSQL has no U+0000, and the others would be invisible in every report. */
export const text: Check = (value) => {
  if (typeof value !== 'string') return 'is not text';
  if (value === '') return 'is empty';
  if (value.length > MAX_TEXT) return `has more than ${MAX_TEXT} characters`;
  return mayBeUnfit.test(value) && unfit.test(value) ? 'holds a control character or half a surrogate pair' : undefined;
};

/** Nearly every text passes the first, at a third of the cost of the second, which reads by code points. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const mayBeUnfit = /[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/;
const unfit = /[\p{Cc}\p{Cs}]/u;

export const oneOf = (allowed: readonly string[]): Check => {
  const set = new Set<unknown>(allowed);
  return (value) => (set.has(value) ? undefined : `is not one of ${allowed.join(', ')}`);
};

export const pattern =
  (expression: RegExp, description: string): Check =>
  (value) =>
    typeof value === 'string' && expression.test(value) ? undefined : `is not ${description}`;

/** A whole number from `least` to `most`. */
export const integer =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `is not a whole number from ${least} to ${most}`;

/** Clocks have fractions of a millisecond. */
export const milliseconds: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= MAX_INTEGER ? undefined : 'is not a time in milliseconds';

/** Most that a PostgreSQL `integer` holds: 24 days in milliseconds. */
export const MAX_INTEGER = 2_147_483_647;

export const listOf =
  (check: Check, most: number): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'is not a list';
    if (value.length > most) return `has more than ${most} entries`;
    const wrong = value.map(check).find((problem) => problem !== undefined);
    return wrong === undefined ? undefined : `has an entry that ${wrong}`;
  };
