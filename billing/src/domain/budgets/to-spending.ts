import type { AllocationBook } from '../allocation/allocation-book.ts';
import { splitByWeight } from '../allocation/split-by-weight.ts';
import { isBilledBy } from '../statements/line-usage.ts';
import type { Statement, StatementLine } from '../statements/statement.ts';
import type { UsageRow } from '../usage/usage-row.ts';
import type { Spending } from './budget.ts';

export interface SpendingInput {
  /** The period so far, rated. */
  readonly statement: Statement;
  /** What it was rated from, day by day. */
  readonly usage: readonly UsageRow[];
  readonly book: AllocationBook;
}

/**
 * A statement as shares of applications and teams. They add up to its lines to the minor unit, and so to the tenant's total; a
 * call without a price costs nothing, and counts.
 */
export const toSpending = ({ statement, usage, book }: SpendingInput): readonly Spending[] => [
  ...statement.lines.flatMap((line) => {
    const parts = usage.filter((row) => isBilledBy(line, row)).flatMap((row) => partsOf(row, book));
    return parts.length === 0 ? borne(line) : shareLine(line, parts);
  }),
  ...unpriced(statement, usage).flatMap((row) => shareOut({ ...row, amountMinor: 0n }, partsOf(row, book))),
];

interface Part {
  readonly application: string;
  readonly team: string;
  readonly weight: bigint;
}

const partsOf = (row: UsageRow, book: AllocationBook): readonly Part[] =>
  book.sharesOf(row).map(({ team, weightBp }) => ({
    application: row.application,
    team,
    weight: row.quantity * BigInt(weightBp),
  }));

const shareLine = ({ server = '', tool = '', quantity, amountMinor }: StatementLine, parts: readonly Part[]) =>
  shareOut({ server, tool, quantity, amountMinor }, parts);

interface Whole {
  readonly server: string;
  readonly tool: string;
  readonly quantity: bigint;
  readonly amountMinor: bigint;
}

const shareOut = ({ server, tool, quantity, amountMinor }: Whole, parts: readonly Part[]): readonly Spending[] => {
  const sums = new Map<string, Part>();
  for (const part of parts) {
    const key = JSON.stringify([part.application, part.team]);
    sums.set(key, { ...part, weight: part.weight + (sums.get(key)?.weight ?? 0n) });
  }
  const bearing = [...sums.values()].filter(({ weight }) => weight > 0n);
  if (bearing.length === 0) return [];
  const weights = bearing.map(({ weight }) => weight);
  const [amounts, quantities] = [splitByWeight(amountMinor, weights), splitByWeight(quantity, weights)];
  return bearing.map(({ application, team }, index) => ({
    ...{ application, team, server, tool, quantity: quantities[index] ?? 0n, amountMinor: amounts[index] ?? 0n },
  }));
};

/** Minimums and corrections: no application made them, but a team may bear them. */
const borne = ({ server = '', tool = '', quantity, amountMinor, allocations }: StatementLine): readonly Spending[] =>
  allocations.length === 0
    ? [{ application: '', team: '', server, tool, quantity, amountMinor }]
    : allocations.map((part) => ({ application: '', server, tool, ...part })).map(withoutCostCenter);

const withoutCostCenter = ({ application, team, server, tool, quantity, amountMinor }: Spending): Spending => ({
  ...{ application, team, server, tool, quantity, amountMinor },
});

const unpriced = (statement: Statement, usage: readonly UsageRow[]): readonly UsageRow[] =>
  usage.filter(
    ({ server, tool, outcome, day }) =>
      outcome === 'ok' &&
      statement.unpriced.some(
        (each) => each.server === server && each.tool === tool && each.days[0] <= day && day <= each.days[1],
      ),
  );
