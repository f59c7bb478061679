import type { Database } from '../../database/open-database.ts';
import { queryRows } from '../../database/query-rows.ts';

export interface LedgerCounts {
  /** Single records. */
  readonly raw: bigint;
  /** Those that name a tool. */
  readonly tools: bigint;
  /** What the daily usage sums to. */
  readonly rollup: bigint;
  /** Entries of the audit chain. */
  readonly chained: bigint;
  /** Events kept aside and not dealt with. */
  readonly quarantined: bigint;
}

export const countRows = async (database: Database): Promise<LedgerCounts> => {
  const [counts] = await queryRows<LedgerCounts>(
    database,
    `select (select count(*) from invocation) as raw,
       (select count(*) from invocation where tool is not null) as tools,
       (select coalesce(sum(n), 0)::bigint from usage_day) as rollup,
       (select coalesce(sum(entries), 0)::bigint from audit_day) as chained,
       (select count(*) from quarantine where resolved_at is null) as quarantined`,
  );
  if (counts === undefined) throw new Error('no counts');
  return counts;
};
