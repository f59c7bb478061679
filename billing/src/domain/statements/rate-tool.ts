import type { AllocationBook } from '../allocation/allocation-book.ts';
import type { Period } from '../calendar/period.ts';
import type { Issue } from '../issue.ts';
import type { Currency } from '../money/currency.ts';
import { formatDecimal } from '../money/decimal.ts';
import { roundToMinor } from '../money/money.ts';
import type { PriceList } from '../pricing/price-list.ts';
import { failure, success, type Result } from '../result.ts';
import { allocateLine, sumWeights, weighUsage, type TeamWeight } from './allocate-line.ts';
import { describeMinimum, describeUsage, toolName } from './describe-line.ts';
import type { FreeUnits } from './draw-allowances.ts';
import type { RunUsage, ToolUsage } from './group-usage.ts';
import type { StatementLine } from './statement.ts';

/** A line before it has its place on the statement. */
export type UnnumberedLine = Omit<StatementLine, 'lineNo'>;

export interface RatingContext {
  readonly currency: Currency;
  readonly period: Period;
  readonly prices: PriceList;
  readonly free: FreeUnits;
  readonly book: AllocationBook;
}

/**
 * The lines of one tool, in this order and for these reasons:
 *
 * 1. Outcomes that the version does not bill are left out: they cost nothing, whatever else holds.
 * 2. Free units are taken off (`draw-allowances.ts`): an allowance is of calls, not of money.
 * 3. What is left is priced by the version's model. Tiers and packages begin anew with each version and each period, so
 *    that anyone can recompute a line from the numbers on it.
 * 4. The line is rounded, once.
 * 5. The minimum of the last version that billed something is compared with the tool's lines together, and only when some
 *    unit was not free: a free allowance that costs the minimum would be none. It is a line of its own, so that a usage line
 *    stays price times quantity.
 */
export const rateTool = (
  tool: ToolUsage,
  context: RatingContext,
): Result<readonly UnnumberedLine[], readonly Issue[]> => {
  const lines: UnnumberedLine[] = [];
  const weights: TeamWeight[] = [];
  for (const run of tool.runs) {
    if (run.version === undefined || run.quantity === 0n) continue;
    const runWeights = weighUsage(run.billable, context.book);
    const line = rateRun({ tool, run, weights: runWeights }, context);
    if (!line.ok) return line;
    lines.push(line.value);
    weights.push(...runWeights);
  }
  const minimum = minimumLine({ tool, lines, weights: sumWeights(weights) }, context);
  return success(minimum === undefined ? lines : [...lines, minimum]);
};

const rateRun = (
  {
    tool: { server, tool },
    run,
    weights,
  }: { readonly tool: ToolUsage; readonly run: RunUsage; readonly weights: readonly TeamWeight[] },
  { currency, period, prices, free }: RatingContext,
): Result<UnnumberedLine, readonly Issue[]> => {
  const { version, quantity } = run;
  if (version === undefined) return failure([{ path: `${server}/${tool}`, problem: 'Has no price.' }]);
  const rating = prices.ratingOf(version);
  if (!rating.ok) return rating;
  const freeQuantity = free.get(run) ?? 0n;
  const amountMinor = roundToMinor(rating.value.amountOf(quantity - freeQuantity), currency);
  const { unitAmount } = rating.value;
  const name = toolName({ server, tool }, version);
  return success({
    kind: freeQuantity === quantity ? 'free' : 'usage',
    server,
    tool,
    priceVersionId: version.id,
    description: describeUsage({ name, run, free: freeQuantity, rating: rating.value, currency, period }),
    quantity,
    freeQuantity,
    ...(unitAmount === undefined ? {} : { unitAmount: formatDecimal(unitAmount) }),
    amountMinor,
    outcomes: { billed: run.billed, unbilled: run.unbilled },
    days: [run.first, run.last],
    allocations: allocateLine({ amountMinor, quantity }, weights),
  });
};

const minimumLine = (
  {
    tool,
    lines,
    weights,
  }: {
    readonly tool: ToolUsage;
    readonly lines: readonly UnnumberedLine[];
    readonly weights: readonly TeamWeight[];
  },
  { currency }: RatingContext,
): UnnumberedLine | undefined => {
  const last = lines.at(-1);
  const version = tool.runs.findLast(({ version, quantity }) => version !== undefined && quantity > 0n)?.version;
  const minimum = version?.minimumMinor;
  const rated = lines.reduce((sum, line) => sum + line.amountMinor, 0n);
  const isPaid = lines.some(({ kind }) => kind === 'usage');
  if (last === undefined || version === undefined || minimum === undefined || !isPaid || rated >= minimum)
    return undefined;
  const amountMinor = minimum - rated;
  return {
    kind: 'minimum',
    server: tool.server,
    tool: tool.tool,
    priceVersionId: version.id,
    description: describeMinimum(minimum, currency, toolName(tool, version)),
    quantity: 0n,
    freeQuantity: 0n,
    amountMinor,
    outcomes: { billed: [], unbilled: [] },
    days: [lines[0]?.days[0] ?? last.days[0], last.days[1]],
    allocations: allocateLine({ amountMinor, quantity: 0n }, weights),
  };
};
