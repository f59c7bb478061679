/**
 * Exact decimals for the double, apart from the product's own: two implementations that agree are worth more than one
 * used twice.
 */

const scale = 12n;
const one = 10n ** scale;

/** A decimal times 10^12. */
export type Scaled = bigint;

/** Reads decimal text of at most 12 decimals. Throws on anything else: callers have had it checked by the schema. */
export function toScaled(text: string | number): Scaled {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(String(text));
  if (!match) throw new RangeError(`not a decimal of at most 12 decimals: ${text}`);
  const [, sign, whole = '0', fraction = ''] = match;
  const digits = BigInt(whole) * one + BigInt(fraction.padEnd(Number(scale), '0'));
  return sign === '-' ? -digits : digits;
}

export function fromScaled(value: Scaled): string {
  const sign = value < 0n ? '-' : '';
  const digits = value < 0n ? -value : value;
  const fraction = (digits % one).toString().padStart(Number(scale), '0').replace(/0+$/, '');
  return `${sign}${digits / one}${fraction === '' ? '' : `.${fraction}`}`;
}

/** quantity x unit amount, to the whole minor unit, halves away from zero: the one rounding of a line. */
export function multiplyToMinor(quantity: Scaled, unitAmount: Scaled): bigint {
  return roundHalfUp(quantity * unitAmount, one * one);
}

export function roundHalfUp(value: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  return value < 0n ? -((-value + half) / divisor) : (value + half) / divisor;
}

/** The whole number above or below quantity / divideBy, as `transform_quantity` asks. */
export function divideQuantity(quantity: Scaled, divideBy: number, round: 'up' | 'down'): Scaled {
  const divisor = one * BigInt(divideBy);
  const down = quantity / divisor;
  const whole = round === 'up' && quantity % divisor > 0n ? down + 1n : down;
  return whole * one;
}

/** JSON carries amounts as numbers; past 2^53 they would not be exact. */
export function toSafeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`amount beyond 2^53: ${value}`);
  return number;
}

/** `12` for whole decimals, else the number nearest to it, for the fields that Stripe keeps beside the decimal ones. */
export const toWhole = (text: string): number => toSafeNumber(toScaled(text) / one);

export const isWhole = (text: string): boolean => toScaled(text) % one === 0n;
