import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import type { Period } from '../domain/calendar/period.ts';
import { formatQuantity } from '../domain/money/quantity.ts';
import type { Statement } from '../domain/statements/statement.ts';
import type { Blocker } from './blocker.ts';
import type { BrokenDay } from './verify-chain.ts';
import { findDifferences } from './usage-evidence.ts';

/** Rows that a blocker names; the report of the ledger has the others. */
const MAX_NAMED = 5;

/** What makes the usage of everybody in the period doubtful. */
export const findLedgerBlockers = async (
  database: Knex,
  {
    period,
    broken,
    wasStale,
  }: {
    readonly period: Period;
    readonly broken: readonly BrokenDay[];
    /** Some day's records did not number its usage, and were hashed again. */
    readonly wasStale: boolean;
  },
): Promise<readonly Blocker[]> => [
  ...(await openGaps(database, period)),
  ...brokenChain(broken),
  ...(wasStale ? await differingUsage(database, period) : []),
];

/** Nobody knows when the missing calls were made, so every gap of a run that began before the period's end counts. */
const openGaps = async (database: Knex, { end }: Period): Promise<readonly Blocker[]> => {
  const gaps = await queryRows<{
    readonly node_id: string;
    readonly from_sequence: bigint;
    readonly to_sequence: bigint;
  }>(
    database,
    `select g.node_id, g.from_sequence, g.to_sequence from billing.node_gap g
     join billing.node_epoch e using (node_id, epoch)
     where g.closed_at is null and e.first_seen < ?::date order by g.node_id, g.from_sequence`,
    [end],
  );
  if (gaps.length === 0) return [];
  const missing = gaps.reduce((sum, gap) => sum + gap.to_sequence - gap.from_sequence + 1n, 0n);
  const named = gaps.map((gap) => `${gap.node_id} ${gap.from_sequence} to ${gap.to_sequence}`);
  return [{ kind: 'open_gap', detail: `${formatQuantity(missing)} records have not arrived: ${list(named)}.` }];
};

const brokenChain = (broken: readonly BrokenDay[]): readonly Blocker[] => {
  if (broken.length === 0) return [];
  const named = broken.map(({ day, detail }) => `${day} (${detail})`);
  return [{ kind: 'chain_broken', detail: `The audit chain does not hold on ${list(named)}` }];
};

const differingUsage = async (database: Knex, period: Period): Promise<readonly Blocker[]> => {
  const differences = await findDifferences(database, period);
  const named = differences.map(
    ({ day, tenant, server, tool, outcome, rollup, raw }) =>
      `${day} ${tenant} ${server}/${tool} ${outcome}: usage ${rollup}, records ${raw}`,
  );
  return [{ kind: 'rollup_differs', detail: `Usage and records differ: ${list(named)}.` }];
};

/** Calls that failed would be free under most prices: only successful ones hold a statement back. */
export const unpricedBlockers = ({ unpriced }: Statement): readonly Blocker[] => {
  const used = unpriced.filter(({ quantity }) => quantity > 0n);
  if (used.length === 0) return [];
  const named = used.map(({ server, tool, quantity }) => `${server}/${tool} (${formatQuantity(quantity)} calls)`);
  return [{ kind: 'unpriced', detail: `No price for ${list(named)}.` }];
};

const list = (items: readonly string[]): string =>
  items.length > MAX_NAMED
    ? `${items.slice(0, MAX_NAMED).join('; ')} and ${items.length - MAX_NAMED} more`
    : items.join('; ');
