import fc from 'fast-check';
import type { PriceModel, PriceTier } from '../price-version.ts';

/** Amounts with up to 12 digits after the point, many of them just beside a rounding edge. */
export const amountTexts = fc.oneof(
  fc.constantFrom('0', '0.005', '0.0049', '0.0051', '0.015', '1', '0.000000000001', '0.1'),
  fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 999_999 })).map(([a, b]) => `${a}.${b}`),
);

const tiers = fc
  .array(
    fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      unitAmount: amountTexts,
      flatAmount: fc.option(amountTexts, { nil: undefined }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((steps): readonly PriceTier[] => {
    let end = 0n;
    return steps.map(({ width, unitAmount, flatAmount }, index) => {
      end += BigInt(width);
      return {
        ...(index === steps.length - 1 ? {} : { upTo: end }),
        unitAmount,
        ...(flatAmount === undefined ? {} : { flatAmount }),
      };
    });
  });

export const priceModels: fc.Arbitrary<PriceModel> = fc.oneof(
  amountTexts.map((unitAmount) => ({ model: 'flat' as const, unitAmount })),
  fc.tuple(fc.bigInt(1n, 50n), amountTexts).map(([size, amount]) => ({ model: 'package' as const, size, amount })),
  tiers.map((steps) => ({ model: 'graduated' as const, tiers: steps })),
  tiers.map((steps) => ({ model: 'volume' as const, tiers: steps })),
);
