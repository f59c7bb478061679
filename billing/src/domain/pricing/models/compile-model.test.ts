import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal } from '../../money/decimal.ts';
import type { PriceModel } from '../price-version.ts';
import { priceModels } from '../testing/arbitrary-price.ts';
import { oracleAmount } from '../testing/price-oracle.ts';
import { compileModel } from './compile-model.ts';
import type { Rating } from './rating.ts';

const compiled = (price: PriceModel): Rating => {
  const rating = compileModel(price, 'price');
  if (!rating.ok) throw new Error(JSON.stringify(rating.error));
  return rating.value;
};
const cost = (price: PriceModel, units: bigint): string => formatDecimal(compiled(price).amountOf(units));
const tiered = [
  { upTo: 10n, unitAmount: '1', flatAmount: '5' },
  { upTo: 20n, unitAmount: '0.5' },
  { unitAmount: '0.1' },
];

describe('price models', () => {
  it('cost what the oracle counts unit by unit, for 20,000 prices and quantities', () => {
    fc.assert(
      fc.property(priceModels, fc.integer({ min: 0, max: 150 }), (price, units) => {
        expect(cost(price, BigInt(units))).toBe(oracleAmount(price, units).toFixed());
      }),
      { numRuns: 20_000 },
    );
  });

  it('never get cheaper with one unit more, but for volume prices, which may', () => {
    fc.assert(
      fc.property(priceModels, fc.bigInt(0n, 10_000n), (price, units) => {
        fc.pre(price.model !== 'volume');
        const { amountOf } = compiled(price);
        expect(amountOf(units + 1n).digits).toBeGreaterThanOrEqual(amountOf(units).digits);
      }),
    );
    const volume: PriceModel = { model: 'volume', tiers: [{ upTo: 10n, unitAmount: '1' }, { unitAmount: '0.5' }] };
    expect([cost(volume, 10n), cost(volume, 11n)]).toEqual(['10', '5.5']);
  });

  it.each<[PriceModel, bigint, string, string]>([
    [{ model: 'flat', unitAmount: '0.002' }, 1_500n, '3', 'at 0.002 EUR each'],
    [{ model: 'package', size: 1_000n, amount: '5' }, 1_001n, '10', 'in 2 packages of 1,000 at 5 EUR'],
    [{ model: 'package', size: 1_000n, amount: '5' }, 1_000n, '5', 'in 1 package of 1,000 at 5 EUR'],
    [{ model: 'graduated', tiers: tiered }, 10n, '15', 'at 1 EUR each for the first 10'],
    [
      { model: 'graduated', tiers: tiered },
      25n,
      '20.5',
      'at 1 EUR each for the first 10, 0.5 EUR each up to 20, 0.1 EUR each above 20',
    ],
    [{ model: 'volume', tiers: tiered }, 25n, '2.5', 'at the volume price of 0.1 EUR each'],
    [{ model: 'volume', tiers: tiered }, 10n, '15', 'at the volume price of 1 EUR each'],
  ])('%o: %s units cost %s, %s', (price, units, amount, words) => {
    expect(cost(price, units)).toBe(amount);
    expect(compiled(price).describe(units, 'eur')).toBe(words);
  });

  it('a graduated price of many tiers is named by its first and last', () => {
    const tiers = [
      ...Array.from({ length: 5 }, (_, index) => ({ upTo: BigInt(index + 1), unitAmount: '1' })),
      { unitAmount: '0.5' },
    ];
    expect(compiled({ model: 'graduated', tiers }).describe(9n, 'eur')).toBe(
      'in 6 tiers from 1 EUR each for the first 1 to 0.5 EUR each above 5',
    );
  });

  it('no units cost nothing, also where a tier has a flat amount', () => {
    expect(cost({ model: 'graduated', tiers: tiered }, 0n)).toBe('0');
    expect(cost({ model: 'volume', tiers: tiered }, 0n)).toBe('0');
  });

  it.each<[PriceModel, string]>([
    [{ model: 'flat', unitAmount: '1e3' }, 'price.unit_amount'],
    [{ model: 'package', size: 0n, amount: '1' }, 'price.size'],
    [{ model: 'package', size: 1n, amount: 'free' }, 'price.amount'],
    [{ model: 'graduated', tiers: [] }, 'price.tiers'],
    [{ model: 'volume', tiers: [{ upTo: 5n, unitAmount: '1' }] }, 'price.tiers[0].up_to'],
    [{ model: 'volume', tiers: [{ unitAmount: '1' }, { unitAmount: '1' }] }, 'price.tiers[0].up_to'],
    [
      {
        model: 'graduated',
        tiers: [{ upTo: 5n, unitAmount: '1' }, { upTo: 5n, unitAmount: '1' }, { unitAmount: '1' }],
      },
      'price.tiers[1].up_to',
    ],
    [{ model: 'graduated', tiers: [{ unitAmount: '1', flatAmount: 'x' }] }, 'price.tiers[0].flat_amount'],
  ])('%o is refused at %s', (price, path) => {
    const rating = compileModel(price, 'price');
    expect(rating.ok ? [] : rating.error.map((issue) => issue.path)).toEqual([path]);
  });
});
