import { add, DECIMAL_ZERO, formatDecimal, multiply } from '../../money/decimal.ts';
import { success } from '../../result.ts';
import type { PriceModel } from '../price-version.ts';
import { priceText, type CompileModel } from './rating.ts';
import { readTiers, tierOf } from './tiers.ts';

/** All units cost what the tier of the last one says, so that one call more can make a month cheaper. */
export const compileVolume: CompileModel<Extract<PriceModel, { model: 'volume' }>> = ({ tiers }, path) => {
  const read = readTiers(tiers, path);
  if (!read.ok) return read;
  return success({
    amountOf: (units) => {
      const tier = units > 0n ? tierOf(read.value, units) : undefined;
      return tier === undefined ? DECIMAL_ZERO : add(multiply(tier.unitAmount, units), tier.flatAmount);
    },
    describe: (units, currency) => {
      const price = tierOf(read.value, units)?.unitAmount ?? DECIMAL_ZERO;
      return `at the volume price of ${priceText(formatDecimal(price), currency)} each`;
    },
  });
};
