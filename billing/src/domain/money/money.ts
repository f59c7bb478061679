import { currencyRule, type Currency, type MinorUnits } from './currency.ts';
import { DECIMAL_ONE, type Decimal } from './decimal.ts';

/**
 * The one rounding of a line: half up, away from zero below it, so that a reversal cancels what it reverses. To the
 * currency's increment in a single step; rounding twice (to thousandths, then to tens) would lift 0.0145 to 0.02.
 */
export const roundToMinor = (exact: Decimal, currency: Currency): MinorUnits => {
  const { exponent, increment } = currencyRule(currency);
  const divisor = DECIMAL_ONE * increment;
  const scaled = exact.digits * 10n ** BigInt(exponent);
  return scaled < 0n ? -halfUp(-scaled, divisor) * increment : halfUp(scaled, divisor) * increment;
};

const halfUp = (dividend: bigint, divisor: bigint): bigint => (2n * dividend + divisor) / (2n * divisor);

/** Exact: the amount in major units. */
export const minorToDecimal = (amount: MinorUnits, currency: Currency): Decimal => ({
  digits: (amount * DECIMAL_ONE) / 10n ** BigInt(currencyRule(currency).exponent),
});

/** `12.34`, `-0.05`, `500` for yen. */
export const formatMinor = (amount: MinorUnits, currency: Currency): string => {
  const { exponent, shownDigits } = currencyRule(currency);
  const magnitude = (amount < 0n ? -amount : amount).toString().padStart(exponent + 1, '0');
  const whole = magnitude.slice(0, magnitude.length - exponent);
  const fraction = magnitude.slice(magnitude.length - exponent, magnitude.length - exponent + shownDigits);
  return `${amount < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
};

/** `12.34 EUR`. */
export const formatMoney = (amount: MinorUnits, currency: Currency): string =>
  `${formatMinor(amount, currency)} ${currency.toUpperCase()}`;

/** Money outside the process: exact for a program, readable for a person. */
export interface MoneyJson {
  /** Minor units, as text: JSON numbers end at 2^53. */
  readonly minor: string;
  readonly currency: Currency;
  /** Major units. */
  readonly text: string;
}

export const toMoneyJson = (amount: MinorUnits, currency: Currency): MoneyJson => ({
  minor: amount.toString(),
  currency,
  text: formatMinor(amount, currency),
});
