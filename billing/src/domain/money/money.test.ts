import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyExponent, currencyRule, parseCurrency } from './currency.ts';
import { formatDecimal, multiply, parseDecimal, type Decimal } from './decimal.ts';
import { formatMinor, formatMoney, minorToDecimal, roundToMinor, toMoneyJson } from './money.ts';
import { formatQuantity, toJsonQuantity } from './quantity.ts';

const decimal = (text: string): Decimal => {
  const read = parseDecimal(text);
  if (!read.ok) throw new Error(read.error.problem);
  return read.value;
};

const prices = fc
  .tuple(fc.bigInt(0n, 999_999n), fc.bigInt(0n, 999_999_999_999n), fc.integer({ min: 0, max: 12 }))
  .map(([whole, fraction, digits]) =>
    digits === 0 ? `${whole}` : `${whole}.${fraction.toString().padStart(12, '0').slice(0, digits)}`,
  );
const quantities = fc.bigInt(0n, 2n ** 53n);
const currencies = fc.constantFrom('eur', 'usd', 'jpy', 'krw', 'kwd', 'tnd', 'isk', 'ugx', 'huf', 'twd');

describe('a rounded product', () => {
  it('equals big.js for 20,000 prices, quantities and currencies', () => {
    fc.assert(
      fc.property(prices, quantities, currencies, (price, quantity, currency) => {
        const { exponent, increment } = currencyRule(currency);
        const steps = new Big(price)
          .times(quantity.toString())
          .times(new Big(10).pow(exponent))
          .div(increment.toString())
          .round(0, Big.roundHalfUp);
        const expected = steps.times(increment.toString()).toFixed(0);
        expect(roundToMinor(multiply(decimal(price), quantity), currency).toString()).toBe(expected);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['0.05', 30n, 'jpy', 2n],
    ['0.005', 1n, 'eur', 1n],
    ['0.004999999999', 1n, 'eur', 0n],
    ['0.0145', 1n, 'kwd', 10n],
    ['5.124', 1n, 'kwd', 5120n],
    ['5.125', 1n, 'kwd', 5130n],
    ['5', 1n, 'isk', 500n],
    ['4.49', 1n, 'ugx', 400n],
    ['4.5', 1n, 'ugx', 500n],
  ])('of %s and %s in %s is %s', (price, quantity, currency, minor) => {
    expect(roundToMinor(multiply(decimal(price), quantity), currency)).toBe(minor);
  });

  it('below zero cancels the one above it', () => {
    fc.assert(
      fc.property(prices, quantities, currencies, (price, quantity, currency) => {
        const up = roundToMinor(multiply(decimal(price), quantity), currency);
        expect(roundToMinor(multiply(decimal(price), -quantity), currency)).toBe(-up);
      }),
    );
  });
});

describe('currencies', () => {
  it.each([
    ['eur', 2],
    ['jpy', 0],
    ['mga', 0],
    ['kwd', 3],
    ['isk', 2],
    ['huf', 2],
  ])('%s has %s digits in Stripe amounts', (currency, exponent) => {
    expect(currencyExponent(currency)).toBe(exponent);
  });

  it.each([
    ['EUR', 'Write eur.'],
    ['euro', 'Write the three letters of ISO 4217 in small letters, such as eur.'],
  ])('%s is refused: %s', (text, suggestion) => {
    expect(parseCurrency(text, 'currency')).toMatchObject({ ok: false, error: { path: 'currency', suggestion } });
  });

  it.each([
    [1234n, 'eur', '12.34'],
    [-5n, 'eur', '-0.05'],
    [0n, 'eur', '0.00'],
    [500n, 'jpy', '500'],
    [0n, 'jpy', '0'],
    [5130n, 'kwd', '5.130'],
    [500n, 'isk', '5'],
  ])('%s minor units of %s read %s', (minor, currency, text) => {
    expect(formatMinor(minor, currency)).toBe(text);
    expect(toMoneyJson(minor, currency)).toEqual({ minor: minor.toString(), currency, text });
  });

  it('money names its currency', () => {
    expect(formatMoney(1234n, 'eur')).toBe('12.34 EUR');
    expect(formatDecimal(minorToDecimal(1234n, 'eur'))).toBe('12.34');
  });
});

describe('quantities', () => {
  it('are numbers up to 2^53 and refused beyond', () => {
    expect(toJsonQuantity(2n ** 53n)).toEqual({ ok: true, value: 2 ** 53 });
    expect(toJsonQuantity(2n ** 53n + 1n).ok).toBe(false);
    expect(toJsonQuantity(-(2n ** 53n) - 1n).ok).toBe(false);
  });

  it.each([
    [0n, '0'],
    [999n, '999'],
    [1000n, '1,000'],
    [-1234567n, '-1,234,567'],
  ])('%s reads %s', (quantity, text) => {
    expect(formatQuantity(quantity)).toBe(text);
  });
});
