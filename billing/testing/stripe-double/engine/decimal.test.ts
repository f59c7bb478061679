import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideQuantity, fromScaled, multiplyToMinor, toSafeNumber, toScaled } from './decimal.ts';

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, places]) => new Big(digits.toString()).div(new Big(10).pow(places)).toFixed());

describe('Decimals of the double', () => {
  it('multiply and round halves away from zero, as big.js does', () => {
    fc.assert(
      fc.property(decimals, decimals, (quantity, unitAmount) => {
        const expected = new Big(quantity).times(unitAmount).round(0, Big.roundHalfUp).toFixed();
        expect(multiplyToMinor(toScaled(quantity), toScaled(unitAmount)).toString()).toBe(expected.replace('-0', '0'));
      }),
      { numRuns: 2000 },
    );
  });

  it('print what they read', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        expect(fromScaled(toScaled(text))).toBe(new Big(text).toFixed().replace(/^-0$/, '0'));
      }),
    );
  });

  it.each([
    ['250', 100, 'up', '3'],
    ['250', 100, 'down', '2'],
    ['300', 100, 'up', '3'],
    ['0', 100, 'up', '0'],
  ] as const)('%s by %i rounded %s are %s packages', (quantity, by, round, packages) => {
    expect(fromScaled(divideQuantity(toScaled(quantity), by, round))).toBe(packages);
  });

  it('are refused with a thirteenth decimal, an exponent or no digits', () => {
    for (const text of ['0.0000000000001', '1e3', '', '.5', '1.', 'NaN']) {
      expect(() => toScaled(text)).toThrow(RangeError);
    }
  });

  it('leave JSON alone past 2^53', () => {
    expect(() => toSafeNumber(2n ** 53n)).toThrow(RangeError);
  });
});
