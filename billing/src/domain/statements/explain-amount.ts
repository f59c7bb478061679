import { compileModel } from '../pricing/models/compile-model.ts';
import type { PriceVersion } from '../pricing/price-version.ts';
import { formatDecimal } from '../money/decimal.ts';
import { formatMoney, roundToMinor } from '../money/money.ts';
import { formatQuantity } from '../money/quantity.ts';
import { daysText } from './describe-line.ts';
import type { Statement, StatementLine } from './statement.ts';

/** How a line came to its amount, a sentence a step. `version` is the one that the line names. */
export const explainAmount = (
  { currency }: Pick<Statement, 'currency'>,
  line: StatementLine,
  version?: PriceVersion,
): readonly string[] => {
  if (line.kind === 'adjustment')
    return [`A correction of ${formatMoney(line.amountMinor, currency)}: ${line.description}.`];
  if (line.kind === 'minimum')
    return [`${formatMoney(line.amountMinor, currency)} are missing to the minimum: ${line.description}.`];
  const paid = line.quantity - line.freeQuantity;
  return [
    `${formatQuantity(line.quantity)} calls from ${daysText(...line.days)} with outcome ${line.outcomes.billed.map(({ outcome }) => outcome).join(' or ')}.`,
    ...line.outcomes.unbilled.map(
      ({ outcome, quantity }) => `${formatQuantity(quantity)} calls with outcome ${outcome} are not billed.`,
    ),
    ...(line.freeQuantity > 0n ? [`${formatQuantity(line.freeQuantity)} of the calls are free.`] : []),
    ...(paid > 0n ? explainPaid(paid, { currency, line, version }) : ['Nothing is left to pay.']),
  ];
};

const explainPaid = (
  paid: bigint,
  {
    currency,
    line,
    version,
  }: { readonly currency: string; readonly line: StatementLine; readonly version: PriceVersion | undefined },
): readonly string[] => {
  const rating = version === undefined ? undefined : compileModel(version.price, 'price');
  if (rating?.ok !== true) return [`${formatQuantity(paid)} calls are ${formatMoney(line.amountMinor, currency)}.`];
  const exact = rating.value.amountOf(paid);
  const rounded = roundToMinor(exact, currency);
  return [
    `${formatQuantity(paid)} calls ${rating.value.describe(paid, currency)} are ${formatDecimal(exact)} ${currency.toUpperCase()}.`,
    `Rounded once, half up: ${formatMoney(rounded, currency)}.`,
    ...(rounded === line.amountMinor
      ? []
      : [`The line says ${formatMoney(line.amountMinor, currency)}, which is not that.`]),
  ];
};
