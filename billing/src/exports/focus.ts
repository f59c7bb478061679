import { addDays, type Day } from '../domain/calendar/day.ts';
import { formatDecimal, multiply, parseDecimal, type Decimal } from '../domain/money/decimal.ts';
import { minorToDecimal } from '../domain/money/money.ts';
import type { LineAllocation, Statement, StatementLine } from '../domain/statements/statement.ts';
import type { FocusRow } from './focus-row.ts';
import { spread } from './spread.ts';

/** Who the columns InvoiceIssuerName, ProviderName and PublisherName name: the operator's configuration. */
export interface FocusParties {
  readonly issuer: string;
  readonly provider: string;
  readonly publisher: string;
}

/** Billable units behind a line: of one day, application and team. */
export interface FocusUsage {
  readonly day: Day;
  readonly application: string;
  readonly team: string;
  readonly costCenter: string;
  /** Exact, because teams may share an application's calls by weight. */
  readonly quantity: Decimal;
}

export interface FocusInput {
  readonly statement: Statement;
  readonly parties: FocusParties;
  readonly invoiceId?: string;
  /** What is behind a line, by its number. A line without any is one row. */
  readonly usageOf: (line: StatementLine) => readonly FocusUsage[];
  /** List price of a unit, where it is one number in the statement's currency. */
  readonly listUnitAmountOf?: (line: StatementLine) => string | undefined;
}

/**
 * A row per line, day, application and team. Costs are not rounded to cents; the last row of each line and team carries
 * the rounding, so that a team's BilledCost is its allocation, a line's is the line, and the column's is the invoice.
 */
export const toFocusRows = (input: FocusInput): readonly FocusRow[] =>
  input.statement.lines.flatMap((line) => (isUsage(line) ? usageRows(input, line) : wholeRows(input, line)));

const isUsage = ({ kind }: StatementLine): boolean => kind === 'usage' || kind === 'free';

const usageRows = (input: FocusInput, line: StatementLine): readonly FocusRow[] => {
  const usage = [...input.usageOf(line)].sort(byDay);
  if (usage.length === 0) return wholeRows(input, line);
  return groupsOf(line, usage).flatMap((allocation) => {
    const own = line.allocations.length === 0 ? usage : usage.filter((each) => isOf(each, allocation));
    // A share without a call of its own, which largest remainders can make: it must not be lost.
    if (own.length === 0) return allocation.amountMinor === 0n ? [] : [allocatedRow(input, line, allocation)];
    return groupRows(input, { line, allocation, usage: own });
  });
};

/** Who bears the line; a team whose share came to nothing still has its calls. */
const groupsOf = (line: StatementLine, usage: readonly FocusUsage[]): readonly LineAllocation[] => {
  const { allocations, amountMinor, quantity } = line;
  if (allocations.length === 0) return [{ team: '', costCenter: '', amountMinor, quantity }];
  const others = new Map(
    usage
      .filter((each) => !allocations.some((allocation) => isOf(each, allocation)))
      .map(({ team, costCenter }) => [JSON.stringify([team, costCenter]), { team, costCenter }]),
  );
  return [...allocations, ...[...others.values()].map((other) => ({ ...other, amountMinor: 0n, quantity: 0n }))];
};

const byDay = (left: FocusUsage, right: FocusUsage): number =>
  compare(left.day, right.day) || compare(left.application, right.application) || compare(left.team, right.team);

const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

const isOf = ({ team, costCenter }: FocusUsage, allocation: LineAllocation): boolean =>
  team === allocation.team && costCenter === allocation.costCenter;

interface Group {
  readonly line: StatementLine;
  readonly allocation: LineAllocation;
  readonly usage: readonly FocusUsage[];
}

const groupRows = (input: FocusInput, { line, allocation, usage }: Group): readonly FocusRow[] => {
  const { currency } = input.statement;
  const unit = unitPriceOf(line);
  const list = amountOf(input.listUnitAmountOf?.(line)) ?? unit;
  const costs = spread(
    minorToDecimal(allocation.amountMinor, currency),
    usage.map(({ quantity }) => ({
      weight: quantity.digits,
      ...(unit === undefined ? {} : { exact: times(unit, quantity) }),
    })),
  );
  return usage.map((each, index) => {
    const cost = costs[index] ?? { digits: 0n };
    const contracted = unit === undefined ? cost : times(unit, each.quantity);
    return {
      ...commonRow(input, line),
      billedCost: formatDecimal(cost),
      contractedCost: formatDecimal(contracted),
      listCost: formatDecimal(list === undefined ? contracted : times(list, each.quantity)),
      ...(unit === undefined ? {} : { contractedUnitPrice: formatDecimal(unit) }),
      ...(list === undefined ? {} : { listUnitPrice: formatDecimal(list) }),
      consumedQuantity: formatDecimal(each.quantity),
      pricingQuantity: formatDecimal(each.quantity),
      chargePeriod: [each.day, addDays(each.day, 1)] as const,
      ...teamOf(each.team),
      tags: tagsOf({ application: each.application, cost_center: each.costCenter }),
    };
  });
};

/** Only where price times quantity is the cost of every row: with free units among them it is not (PricingQuantity). */
const unitPriceOf = ({ unitAmount, freeQuantity }: StatementLine): Decimal | undefined =>
  freeQuantity === 0n ? amountOf(unitAmount) : undefined;

const amountOf = (text: string | undefined): Decimal | undefined => {
  const read = text === undefined ? undefined : parseDecimal(text);
  return read?.ok === true ? read.value : undefined;
};

/** Exact while a quantity has no more decimals than a price leaves free; a weight is basis points, which is four. */
const times = (price: Decimal, { digits }: Decimal): Decimal => {
  const product = multiply(price, digits);
  return { digits: product.digits / 10n ** 12n };
};

/** Minimums, adjustments, and what has no usage behind it: a row over the line's days, or one per team that bears it. */
const wholeRows = (input: FocusInput, line: StatementLine): readonly FocusRow[] =>
  line.allocations.length === 0
    ? [singleRow(input, line)]
    : line.allocations.map((allocation) => allocatedRow(input, line, allocation));

const allocatedRow = (
  input: FocusInput,
  line: StatementLine,
  { team, costCenter, amountMinor, quantity }: LineAllocation,
): FocusRow => ({
  ...singleRow(input, { ...line, amountMinor, quantity }),
  ...teamOf(team),
  tags: tagsOf({ cost_center: costCenter }),
});

const singleRow = (input: FocusInput, line: StatementLine): FocusRow => {
  const cost = formatDecimal(minorToDecimal(line.amountMinor, input.statement.currency));
  const quantity = line.kind === 'minimum' ? undefined : line.quantity.toString();
  return {
    ...commonRow(input, line),
    billedCost: cost,
    contractedCost: cost,
    listCost: cost,
    ...(quantity === undefined ? {} : { consumedQuantity: quantity, pricingQuantity: quantity }),
    chargePeriod: [line.days[0], addDays(line.days[1], 1)],
    tags: {},
  };
};

const commonRow = ({ statement, parties, invoiceId }: FocusInput, line: StatementLine) => {
  const tool = line.tool === undefined ? undefined : `${line.server ?? ''}/${line.tool}`;
  return {
    chargeCategory: categoryOf(line),
    // Of a period that was invoiced before; within the period it is no correction in the specification's sense.
    isCorrection: line.kind === 'adjustment' && line.days[0] < statement.periodStart,
    chargeDescription: line.description,
    chargeFrequency: frequencies[line.kind],
    billingPeriod: [statement.periodStart, statement.periodEnd] as const,
    billingAccountId: statement.tenant,
    billingAccountName: statement.tenantName,
    billingCurrency: statement.currency.toUpperCase(),
    ...parties,
    serviceName: line.server ?? parties.provider,
    ...(invoiceId === undefined ? {} : { invoiceId }),
    ...(tool === undefined ? {} : { resourceId: tool, skuId: tool }),
    ...(line.priceVersionId === undefined ? {} : { skuPriceId: line.priceVersionId }),
    statementId: statement.id,
    statementLine: line.lineNo,
  };
};

const frequencies = {
  usage: 'Usage-Based',
  free: 'Usage-Based',
  minimum: 'Recurring',
  adjustment: 'One-Time',
} as const;

const categoryOf = ({ kind, quantity, tool, amountMinor }: StatementLine): FocusRow['chargeCategory'] => {
  if (kind === 'usage' || kind === 'free') return 'Usage';
  if (kind === 'adjustment' && tool !== undefined && quantity !== 0n) return 'Usage';
  return kind === 'adjustment' && amountMinor < 0n ? 'Credit' : 'Adjustment';
};

const teamOf = (team: string): { readonly team?: string } => (team === '' ? {} : { team });

const tagsOf = (tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''));
