import type { Knex } from 'knex';
import {
  createAllocationBook,
  type AllocationBook,
  type AllocationShare,
} from '../domain/allocation/allocation-book.ts';
import { splitByWeight } from '../domain/allocation/split-by-weight.ts';
import { reportUsage, type UsageGroup, type UsageReportQuery, type UsageReportRow } from '../ledger/usage-report.ts';
import { loadAllocationRules } from '../price-book/allocation-store.ts';

/** What allocation rules say of a call. */
export const allocationGroups = ['team', 'cost_center'] as const;
export type AllocationGroup = (typeof allocationGroups)[number];

/** A group's members are those that were asked for; team and cost centre are empty where no rule names them. */
export type SharedUsageRow = Partial<Record<UsageGroup, string>> & {
  readonly team?: string;
  readonly costCenter?: string;
  /** Whole calls. */
  readonly quantity: bigint;
  /** Calls times basis points, not rounded: what amounts are shared by. */
  readonly allocationWeight: bigint;
};

export interface SharedUsageQuery extends UsageReportQuery {
  readonly shareBy: readonly AllocationGroup[];
}

/** What allocation rules look at, besides the tenant whose rules they are. */
const needed: readonly UsageGroup[] = ['tenant', 'application', 'server', 'tool', 'day'];

/**
 * Usage by who bears it. Each row of the daily usage is weighed by the rules of its day, and only the sum of a group is cut
 * into whole calls: one call a day, shared 60 to 40, is 18 and 12 of 30 and not 30 and 0.
 */
export const shareUsage = async (database: Knex, query: SharedUsageQuery): Promise<readonly SharedUsageRow[]> => {
  const rows = await reportUsage(database, { ...query, groupBy: [...new Set([...query.groupBy, ...needed])] });
  const bookOf = createBooks(await loadAllocationRules(database, query.tenant));
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const members = membersOf(row, query.groupBy);
    const key = JSON.stringify(members);
    const group = groups.get(key) ?? { members, quantity: 0n, bearers: new Map<string, Bearer>() };
    groups.set(key, { ...group, quantity: group.quantity + row.quantity });
    weigh(group.bearers, { row, shares: bookOf(row.tenant ?? '').sharesOf(subjectOf(row)), shareBy: query.shareBy });
  }
  return [...groups]
    .sort(byKey)
    .filter(([, { quantity }]) => quantity > 0n)
    .flatMap(([, group]) => cut(group));
};

interface Bearer {
  readonly names: { readonly team?: string; readonly costCenter?: string };
  readonly weight: bigint;
}

interface Group {
  readonly members: Partial<Record<UsageGroup, string>>;
  readonly quantity: bigint;
  readonly bearers: Map<string, Bearer>;
}

const createBooks = (rules: Awaited<ReturnType<typeof loadAllocationRules>>): ((tenant: string) => AllocationBook) => {
  const books = new Map<string, AllocationBook>();
  return (tenant) => {
    const book = books.get(tenant) ?? createAllocationBook(rules.filter((rule) => rule.tenant === tenant));
    books.set(tenant, book);
    return book;
  };
};

const subjectOf = ({ application = '', server = '', tool = '', day = '' }: UsageReportRow) => ({
  ...{ application, server, tool, day },
});

const membersOf = (row: UsageReportRow, groups: readonly UsageGroup[]): Partial<Record<UsageGroup, string>> =>
  Object.fromEntries(groups.map((group) => [group, row[group]]));

const weigh = (
  bearers: Map<string, Bearer>,
  {
    row,
    shares,
    shareBy,
  }: {
    readonly row: UsageReportRow;
    readonly shares: readonly AllocationShare[];
    readonly shareBy: readonly AllocationGroup[];
  },
): void => {
  for (const { team, costCenter, weightBp } of shares) {
    const names = {
      ...(shareBy.includes('team') ? { team } : {}),
      ...(shareBy.includes('cost_center') ? { costCenter } : {}),
    };
    const key = Object.values(names).join('\n');
    const before = bearers.get(key)?.weight ?? 0n;
    bearers.set(key, { names, weight: before + row.quantity * BigInt(weightBp) });
  }
};

/** In the order in which statements cut their lines, so that a remainder falls on the same one. */
const cut = ({ members, quantity, bearers }: Group): readonly SharedUsageRow[] => {
  const sorted = [...bearers].sort(byKey).map(([, bearer]) => bearer);
  const quantities = splitByWeight(
    quantity,
    sorted.map(({ weight }) => weight),
  );
  return sorted.map(({ names, weight }, index) => ({
    ...members,
    ...names,
    quantity: quantities[index] ?? 0n,
    allocationWeight: weight,
  }));
};

const byKey = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1;
