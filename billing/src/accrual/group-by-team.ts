import type { Knex } from 'knex';
import { createAllocationBook, type AllocationBook } from '../domain/allocation/allocation-book.ts';
import { splitByWeight } from '../domain/allocation/split-by-weight.ts';
import { reportUsage, type UsageGroup, type UsageReportQuery, type UsageReportRow } from '../ledger/usage-report.ts';
import { loadAllocationRules } from '../price-book/allocation-store.ts';

/** A group's members are those that were asked for, and the team; empty where no rule names one. */
export type TeamUsageRow = Partial<Record<UsageGroup, string>> & { readonly team: string; readonly quantity: bigint };

/** What allocation rules look at, besides the tenant whose rules they are. */
const needed: readonly UsageGroup[] = ['tenant', 'application', 'server', 'tool', 'day'];

/** Usage by team: each row of the daily usage is shared by the rules of its day, whole calls, none lost. */
export const groupByTeam = async (database: Knex, query: UsageReportQuery): Promise<readonly TeamUsageRow[]> => {
  const rows = await reportUsage(database, { ...query, groupBy: [...new Set([...query.groupBy, ...needed])] });
  const rules = await loadAllocationRules(database, query.tenant);
  const books = new Map<string, AllocationBook>();
  const sums = new Map<string, TeamUsageRow>();
  for (const row of rows) {
    const tenant = row.tenant ?? '';
    const book = books.get(tenant) ?? createAllocationBook(rules.filter((rule) => rule.tenant === tenant));
    books.set(tenant, book);
    for (const share of shareRow(row, book)) addTo(sums, { ...membersOf(row, query.groupBy), ...share });
  }
  return [...sums].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, sum]) => sum);
};

const shareRow = (
  { application = '', server = '', tool = '', day = '', quantity }: UsageReportRow,
  book: AllocationBook,
): readonly { readonly team: string; readonly quantity: bigint }[] => {
  const shares = book.sharesOf({ application, server, tool, day });
  const parts = splitByWeight(
    quantity,
    shares.map(({ weightBp }) => BigInt(weightBp)),
  );
  return shares.map(({ team }, index) => ({ team, quantity: parts[index] ?? 0n }));
};

const membersOf = (row: UsageReportRow, groups: readonly UsageGroup[]): Partial<Record<UsageGroup, string>> =>
  Object.fromEntries(groups.map((group) => [group, row[group]]));

const addTo = (sums: Map<string, TeamUsageRow>, row: TeamUsageRow): void => {
  const { quantity, ...members } = row;
  const key = JSON.stringify(members);
  const before = sums.get(key)?.quantity ?? 0n;
  if (before + quantity > 0n) sums.set(key, { ...row, quantity: before + quantity });
};
