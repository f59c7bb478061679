import type { Issue } from '../issue.ts';
import { failure, success, type Result } from '../result.ts';

/** Digits behind the point of every `Decimal`: what Stripe reads at most in `unit_amount_decimal`. */
export const DECIMAL_SCALE = 12;

/** One, as digits of a `Decimal`. */
export const DECIMAL_ONE = 10n ** BigInt(DECIMAL_SCALE);

/**
 * An exact number: `digits / 10^12`. Never a `number`: binary fractions cannot hold 0.1, and a cent lost per line is a
 * difference that somebody has to explain. Sums and products with whole quantities stay exact.
 */
export interface Decimal {
  readonly digits: bigint;
}

export const DECIMAL_ZERO: Decimal = { digits: 0n };

/** 15 digits before the point: 10^15 major units are above any price, and keep texts short. No sign, no exponent, no spaces. */
const DECIMAL_PATTERN = /^(\d{1,15})(?:\.(\d{1,12}))?$/;

/** Reads a price as people write it (`0.0025`), in major units. `path` is where the text stands, for the issue. */
export const parseDecimal = (text: string, path = ''): Result<Decimal, Issue> => {
  const match = DECIMAL_PATTERN.exec(text);
  if (match === null)
    return failure({
      path,
      problem: `${JSON.stringify(text.slice(0, 40))} is not an amount.`,
      suggestion: 'Write digits with at most 12 after a point, such as "0.0025".',
    });
  const [, whole = '', fraction = ''] = match;
  return success({ digits: BigInt(whole) * DECIMAL_ONE + BigInt(fraction.padEnd(DECIMAL_SCALE, '0')) });
};

/** Exact: a quantity is whole. */
export const multiply = (price: Decimal, quantity: bigint): Decimal => ({ digits: price.digits * quantity });

export const add = (left: Decimal, right: Decimal): Decimal => ({ digits: left.digits + right.digits });

/** The shortest text that `parseDecimal` reads back, with a minus sign where the number is negative. */
export const formatDecimal = ({ digits }: Decimal): string => {
  const magnitude = digits < 0n ? -digits : digits;
  const fraction = (magnitude % DECIMAL_ONE).toString().padStart(DECIMAL_SCALE, '0').replace(/0+$/, '');
  return `${digits < 0n ? '-' : ''}${magnitude / DECIMAL_ONE}${fraction === '' ? '' : `.${fraction}`}`;
};
