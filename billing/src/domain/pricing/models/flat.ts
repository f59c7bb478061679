import { formatDecimal, multiply, parseDecimal } from '../../money/decimal.ts';
import { failure, success } from '../../result.ts';
import type { PriceModel } from '../price-version.ts';
import { priceText, type CompileModel } from './rating.ts';

/** Every unit costs the same. */
export const compileFlat: CompileModel<Extract<PriceModel, { model: 'flat' }>> = ({ unitAmount }, path) => {
  const read = parseDecimal(unitAmount, `${path}.unit_amount`);
  if (!read.ok) return failure([read.error]);
  return success({
    unitAmount: read.value,
    amountOf: (units) => multiply(read.value, units),
    describe: (_units, currency) => `at ${priceText(formatDecimal(read.value), currency)} each`,
  });
};
