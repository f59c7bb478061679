import type { Currency } from '../../money/currency.ts';
import { add, DECIMAL_ZERO, formatDecimal, multiply, type Decimal } from '../../money/decimal.ts';
import { formatQuantity } from '../../money/quantity.ts';
import { success } from '../../result.ts';
import type { PriceModel } from '../price-version.ts';
import { priceText, type CompileModel } from './rating.ts';
import { readTiers, type ReadTier } from './tiers.ts';

/** Each unit costs what its tier says; a tier's flat amount is paid when its first unit is used. */
export const compileGraduated: CompileModel<Extract<PriceModel, { model: 'graduated' }>> = ({ tiers }, path) => {
  const read = readTiers(tiers, path);
  if (!read.ok) return read;
  const entered = (units: bigint): readonly ReadTier[] => read.value.filter(({ above }) => units > above);
  return success({
    amountOf: (units) => entered(units).reduce((sum, tier) => add(sum, tierAmount(tier, units)), DECIMAL_ZERO),
    describe: (units, currency) => describeTiers(entered(units), currency),
  });
};

/** An invoice line is no price list: above this many tiers it names the first and the last. */
const MAX_TIERS_NAMED = 4;

const describeTiers = (tiers: readonly ReadTier[], currency: Currency): string => {
  const named = tiers.length > MAX_TIERS_NAMED ? [...tiers.slice(0, 1), ...tiers.slice(-1)] : tiers;
  const prices = named.map((tier) => `${priceText(formatDecimal(tier.unitAmount), currency)} ${rangeOf(tier)}`);
  return named === tiers ? `at ${prices.join(', ')}` : `in ${tiers.length} tiers from ${prices.join(' to ')}`;
};

const tierAmount = ({ above, upTo, unitAmount, flatAmount }: ReadTier, units: bigint): Decimal =>
  add(multiply(unitAmount, (upTo === undefined || units < upTo ? units : upTo) - above), flatAmount);

const rangeOf = ({ above, upTo }: ReadTier): string => {
  if (upTo === undefined) return above === 0n ? 'each' : `each above ${formatQuantity(above)}`;
  return above === 0n ? `each for the first ${formatQuantity(upTo)}` : `each up to ${formatQuantity(upTo)}`;
};
