import Big from 'big.js';
import type { PriceModel, PriceTier } from '../price-version.ts';

/**
 * What units cost, by the words of the price and nothing of the product's arithmetic: unit by unit in big.js. Slow, so for
 * small quantities.
 */
export const oracleAmount = (price: PriceModel, units: number): Big => {
  if (units === 0) return new Big(0);
  switch (price.model) {
    case 'flat':
      return repeat(units, () => price.unitAmount);
    case 'package': {
      let bought = 0;
      let total = new Big(0);
      for (let unit = 1; unit <= units; unit++)
        if (unit > bought) {
          bought += Number(price.size);
          total = total.plus(price.amount);
        }
      return total;
    }
    case 'volume': {
      const tier = tierOfUnit(price.tiers, units);
      return repeat(units, () => tier.unitAmount).plus(tier.flatAmount ?? 0);
    }
    case 'graduated': {
      const entered = new Set<PriceTier>();
      const total = repeat(units, (unit) => {
        const tier = tierOfUnit(price.tiers, unit);
        entered.add(tier);
        return tier.unitAmount;
      });
      return [...entered].reduce((sum, { flatAmount }) => sum.plus(flatAmount ?? 0), total);
    }
  }
};

const repeat = (units: number, priceOf: (unit: number) => string): Big => {
  let total = new Big(0);
  for (let unit = 1; unit <= units; unit++) total = total.plus(priceOf(unit));
  return total;
};

const tierOfUnit = (tiers: readonly PriceTier[], unit: number): PriceTier => {
  for (const tier of tiers) if (tier.upTo === undefined || BigInt(unit) <= tier.upTo) return tier;
  throw new Error('no tier');
};
