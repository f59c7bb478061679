import { createAllocationBook, type AllocationBook } from '../allocation/allocation-book.ts';
import { lastDayOf } from '../calendar/period.ts';
import type { Issue } from '../issue.ts';
import { failure, success, type Result } from '../result.ts';
import type { Adjustment } from './adjustment.ts';
import { allocateLine, sumWeights, weighShares } from './allocate-line.ts';
import { checkInput } from './check-input.ts';
import { describeAdjustment, describeMinimum, toolName } from './describe-line.ts';
import { drawAllowances } from './draw-allowances.ts';
import { byOutcome, groupUsage, sumOf, type ToolUsage } from './group-usage.ts';
import { rateTool, type UnnumberedLine } from './rate-tool.ts';
import { statementId } from './statement-id.ts';
import type { StatementInput, StatementTenant } from './statement-input.ts';
import type { Statement, UnbilledUsage, UnpricedTool } from './statement.ts';

/**
 * A tenant's statement: its tools in the order of server and name, each with its lines (`rate-tool.ts`), then what is
 * missing to the tenant's minimum, then corrections. Corrections come after the minimum, because a credit that the minimum
 * ate up would be none. Fails on input that contradicts itself: half a statement is worse than none.
 */
export const buildStatement = (input: StatementInput): Result<Statement, readonly Issue[]> => {
  const { tenant, period, revision, prices } = input;
  const tools = groupUsage(input);
  const issues = checkInput(input, tools);
  if (issues.length > 0) return failure(issues);
  const book = createAllocationBook(input.allocationRules);
  const free = drawAllowances(tools, { pools: input.pools, tenant: tenant.id, period });
  const lines: UnnumberedLine[] = [];
  for (const tool of tools) {
    const rated = rateTool(tool, { currency: tenant.currency, period, prices, free, book });
    if (!rated.ok) return rated;
    lines.push(...rated.value);
  }
  lines.push(...tenantMinimum(tenant, { lines, input }), ...adjustmentLines(input, book));
  return success({
    id: statementId({ tenant: tenant.id, period, revision }),
    tenant: tenant.id,
    tenantName: tenant.name,
    currency: tenant.currency,
    periodStart: period.start,
    periodEnd: period.end,
    revision,
    lines: lines.map((line, index) => ({ lineNo: index + 1, ...line })),
    subtotalMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    unpriced: unpricedTools(tools),
    unbilled: unbilledUsage(tools),
  });
};

const tenantMinimum = (
  { minimumMinor, currency }: StatementTenant,
  { lines, input }: { readonly lines: readonly UnnumberedLine[]; readonly input: StatementInput },
): readonly UnnumberedLine[] => {
  const rated = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  if (minimumMinor === undefined || rated >= minimumMinor) return [];
  const amountMinor = minimumMinor - rated;
  const weights = lines.flatMap(({ allocations }) =>
    allocations.map(({ team, costCenter, amountMinor: weight }) => ({ team, costCenter, weight })),
  );
  return [
    {
      kind: 'minimum',
      description: describeMinimum(minimumMinor, currency),
      quantity: 0n,
      freeQuantity: 0n,
      amountMinor,
      outcomes: { billed: [], unbilled: [] },
      days: [input.period.start, lastDayOf(input.period)],
      allocations: allocateLine({ amountMinor, quantity: 0n }, sumWeights(weights)),
    },
  ];
};

const adjustmentLines = (
  { adjustments, prices, tenant }: StatementInput,
  book: AllocationBook,
): readonly UnnumberedLine[] =>
  [...adjustments].sort(byDayAndId).map(({ id, server, tool, day, quantityDelta, amountMinor, reason }) => {
    const subject = server === undefined || tool === undefined ? undefined : { server, tool };
    const version = subject && prices.inForce({ tenant: tenant.id, currency: tenant.currency, ...subject }, day);
    const shares = book.sharesOf({ application: '', server: server ?? '', tool: tool ?? '', day });
    return {
      kind: 'adjustment',
      ...(subject ?? {}),
      ...(version === undefined ? {} : { priceVersionId: version.id }),
      adjustmentId: id,
      description: describeAdjustment(day, reason, subject && toolName(subject, version)),
      quantity: quantityDelta,
      freeQuantity: 0n,
      amountMinor,
      outcomes: { billed: [], unbilled: [] },
      days: [day, day],
      allocations: allocateLine({ amountMinor, quantity: quantityDelta }, weighShares(shares, 1n)),
    };
  });

const byDayAndId = (left: Adjustment, right: Adjustment): number => {
  if (left.day !== right.day) return left.day < right.day ? -1 : 1;
  return left.id < right.id ? -1 : 1;
};

const unpricedTools = (tools: readonly ToolUsage[]): readonly UnpricedTool[] =>
  tools.flatMap(({ server, tool, runs }) => {
    const unpriced = runs.filter(({ version, unbilled }) => version === undefined && unbilled.length > 0);
    const [first] = unpriced;
    const last = unpriced.at(-1);
    if (first === undefined || last === undefined) return [];
    const outcomes = byOutcome(unpriced.flatMap(({ unbilled }) => unbilled));
    const quantity = sumOf(outcomes.filter(({ outcome }) => outcome === 'ok'));
    return [{ server, tool, quantity, outcomes, days: [first.first, last.last] as const }];
  });

const unbilledUsage = (tools: readonly ToolUsage[]): readonly UnbilledUsage[] =>
  tools.flatMap(({ server, tool, runs }) =>
    byOutcome(runs.filter(({ version }) => version !== undefined).flatMap(({ unbilled }) => unbilled)).map(
      (unbilled) => ({ server, tool, ...unbilled }),
    ),
  );
