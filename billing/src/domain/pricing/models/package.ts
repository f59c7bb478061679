import { formatDecimal, multiply, parseDecimal } from '../../money/decimal.ts';
import { formatQuantity } from '../../money/quantity.ts';
import { failure, success } from '../../result.ts';
import type { PriceModel } from '../price-version.ts';
import { priceText, type CompileModel } from './rating.ts';

/** Every package that is begun is paid in full. */
export const compilePackage: CompileModel<Extract<PriceModel, { model: 'package' }>> = ({ size, amount }, path) => {
  const read = parseDecimal(amount, `${path}.amount`);
  const issues = [
    ...(size >= 1n ? [] : [{ path: `${path}.size`, problem: `A package holds at least 1 unit, not ${size}.` }]),
    ...(read.ok ? [] : [read.error]),
  ];
  if (!read.ok || issues.length > 0) return failure(issues);
  const packagesOf = (units: bigint): bigint => (units + size - 1n) / size;
  return success({
    amountOf: (units) => multiply(read.value, packagesOf(units)),
    describe: (units, currency) => {
      const count = packagesOf(units);
      const packages = `${formatQuantity(count)} ${count === 1n ? 'package' : 'packages'}`;
      return `in ${packages} of ${formatQuantity(size)} at ${priceText(formatDecimal(read.value), currency)}`;
    },
  });
};
