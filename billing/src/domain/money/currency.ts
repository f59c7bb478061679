import type { Issue } from '../issue.ts';
import { failure, success, type Result } from '../result.ts';

/** ISO 4217 code in small letters, as Stripe writes it. */
export type Currency = string;

/** An amount in a currency's smallest unit as Stripe counts it, so that both sides compare without conversion. */
export type MinorUnits = bigint;

export interface CurrencyRule {
  /** Minor units are `10^-exponent` of the major unit. */
  readonly exponent: number;
  /** Amounts are multiples of this many minor units, because Stripe refuses others. Rounding goes straight to it. */
  readonly increment: bigint;
  /** Digits behind the point that people see. */
  readonly shownDigits: number;
}

const TWO_DECIMALS: CurrencyRule = { exponent: 2, increment: 1n, shownDigits: 2 };
const ZERO_DECIMALS: CurrencyRule = { exponent: 0, increment: 1n, shownDigits: 0 };
/** "Require the least-significant (last) digit to be 0": 5.124 KWD is charged as 5120 or 5130. */
const THREE_DECIMALS: CurrencyRule = { exponent: 3, increment: 10n, shownDigits: 3 };
/** Zero-decimal in ISO 4217, but Stripe's amounts have two decimals that are always 00: 5 ISK is 500. */
const ZERO_WRITTEN_AS_TWO: CurrencyRule = { exponent: 2, increment: 100n, shownDigits: 0 };

/**
 * Currencies whose amounts are not simply hundredths, from docs.stripe.com/currencies ("Zero-decimal currencies",
 * "Three-decimal currencies", "Special cases"), which differs from ISO 4217 for ISK, UGX and MGA. HUF and TWD are
 * zero-decimal for payouts only; invoices take two decimals.
 */
const EXCEPTIONS: ReadonlyMap<string, CurrencyRule> = new Map([
  ...['bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof', 'xpf'].map(
    (code) => [code, ZERO_DECIMALS] as const,
  ),
  ...['bhd', 'jod', 'kwd', 'omr', 'tnd'].map((code) => [code, THREE_DECIMALS] as const),
  ...['isk', 'ugx'].map((code) => [code, ZERO_WRITTEN_AS_TWO] as const),
]);

export const parseCurrency = (text: string, path = ''): Result<Currency, Issue> =>
  /^[a-z]{3}$/.test(text)
    ? success(text)
    : failure({
        path,
        problem: `${JSON.stringify(text.slice(0, 40))} is not a currency.`,
        suggestion: /^[A-Za-z]{3}$/.test(text)
          ? `Write ${text.toLowerCase()}.`
          : 'Write the three letters of ISO 4217 in small letters, such as eur.',
      });

export const currencyRule = (currency: Currency): CurrencyRule => EXCEPTIONS.get(currency) ?? TWO_DECIMALS;

export const currencyExponent = (currency: Currency): number => currencyRule(currency).exponent;
