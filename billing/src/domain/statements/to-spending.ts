import { createAllocationBook, type AllocationBook } from '../allocation/allocation-book.ts';
import type { AllocationRule } from '../allocation/allocation-rule.ts';
import { splitByWeight } from '../allocation/split-by-weight.ts';
import type { Spending } from '../budgets/budget.ts';
import type { UsageRow } from '../usage/usage-row.ts';
import type { Statement, StatementLine } from './statement.ts';

/**
 * A statement by application and team: each tool's lines and its minimum, split by who called. The parts of a tool add up to
 * its lines. Of an unpriced tool the successful calls are counted, at nothing.
 */
export const toSpending = (
  statement: Statement,
  { usage, rules }: { readonly usage: readonly UsageRow[]; readonly rules: readonly AllocationRule[] },
): readonly Spending[] => {
  const book = createAllocationBook(rules);
  const lines = statement.lines.filter(({ kind, tool }) => kind !== 'adjustment' && tool !== undefined);
  const parts = lines.flatMap((line) => splitLine(line, { book, usage: usage.filter((row) => isBilledBy(row, line)) }));
  const unpriced = statement.unpriced.flatMap(({ server, tool, days }) =>
    usage
      .filter((row) => row.server === server && row.tool === tool && row.outcome === 'ok')
      .filter(({ day }) => day >= days[0] && day <= days[1])
      .filter((row) => !lines.some((line) => isBilledBy(row, line)))
      .map((row) => ({ ...row, team: '', amountMinor: 0n })),
  );
  return sumParts([...parts, ...unpriced]);
};

const isBilledBy = ({ server, tool, day, outcome }: UsageRow, line: StatementLine): boolean =>
  line.server === server &&
  line.tool === tool &&
  day >= line.days[0] &&
  day <= line.days[1] &&
  // A minimum bills no outcome of its own: whoever called the tool shares it.
  (line.kind === 'minimum' || line.outcomes.billed.some((billed) => billed.outcome === outcome));

const splitLine = (
  { server = '', tool = '', amountMinor, quantity }: StatementLine,
  { book, usage }: { readonly book: AllocationBook; readonly usage: readonly UsageRow[] },
): readonly Spending[] => {
  const shares = usage
    .filter((row) => row.quantity > 0n)
    .flatMap((row) =>
      book.sharesOf(row).map(({ team, weightBp }) => ({
        application: row.application,
        team,
        weight: row.quantity * BigInt(weightBp),
      })),
    );
  if (shares.length === 0) return [];
  const weights = shares.map(({ weight }) => weight);
  const amounts = splitByWeight(amountMinor, weights);
  const quantities = splitByWeight(quantity, weights);
  return shares.map(({ application, team }, index) => ({
    application,
    team,
    server,
    tool,
    quantity: quantities[index] ?? 0n,
    amountMinor: amounts[index] ?? 0n,
  }));
};

const sumParts = (parts: readonly Spending[]): readonly Spending[] => {
  const sums = new Map<string, Spending>();
  for (const { application, team, server, tool, quantity, amountMinor } of parts) {
    const key = [server, tool, application, team].join('\n');
    const known = sums.get(key);
    sums.set(key, {
      ...{ application, team, server, tool },
      quantity: (known?.quantity ?? 0n) + quantity,
      amountMinor: (known?.amountMinor ?? 0n) + amountMinor,
    });
  }
  return [...sums].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, part]) => part);
};
