import type { Database } from '../database/open-database.ts';
import { queryRows, runSql } from '../database/query-rows.ts';
import { monthOf, monthStart } from '../domain/invocations/invocation-time.ts';
import { listPartitions } from '../ledger/partitions.ts';
import { verifyDays } from './verify-days.ts';
import type { AuditFinding } from './verify-link.ts';

/** Disputes and audits ask about the last year; a month more, so that a whole year is always there. */
export const DEFAULT_RAW_MONTHS = 13;

export interface RetentionOptions {
  readonly now: Date;
  /** Months that are kept beside the running one. */
  readonly rawMonths?: number;
  /** Says what would be dropped, verifies it, and drops nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: (month: string, verified: number) => void;
}

export interface RetiredMonth {
  readonly month: string;
  readonly bytes: bigint;
  /** Rows of the days in which its records were recorded. */
  readonly verified: number;
}

export type RetentionOutcome =
  | { readonly ok: true; readonly retired: readonly RetiredMonth[] }
  /** This month cannot be proved to be what was recorded, so that it and what is newer stay. */
  | {
      readonly ok: false;
      readonly retired: readonly RetiredMonth[];
      readonly month: string;
      readonly finding: AuditFinding;
    };

/**
 * Drops single records month by month, oldest first, each only after every day in which one of them was recorded has been
 * verified. Daily usage, statements, and the heads and seals of the chain stay. From then on an event of a dropped month is
 * refused: its id is no longer known, and it might be counted twice.
 */
export const applyRetention = async (database: Database, options: RetentionOptions): Promise<RetentionOutcome> => {
  const { now, rawMonths = DEFAULT_RAW_MONTHS, dryRun = false, onProgress } = options;
  const keptFrom = monthStart(monthOf(now.getTime()), -rawMonths).slice(0, 7);
  const retired: RetiredMonth[] = [];
  for (const { month, bytes } of (await listPartitions(database)).filter((partition) => partition.month < keptFrom)) {
    let verified = 0;
    for (const { from, to } of await recordedDays(database, month)) {
      const verdict = await verifyDays(database, {
        from,
        to,
        onProgress: (rows) => onProgress?.(month, verified + rows),
      });
      if (!verdict.ok) return { ok: false, retired, month, finding: verdict.finding };
      verified += verdict.verified;
    }
    if (!dryRun) await dropMonth(database, month);
    retired.push({ month, bytes, verified });
  }
  return { ok: true, retired };
};

interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** Days in which records of the month were recorded, as runs of days: most in the month itself, a late one much later. */
const recordedDays = (database: Database, month: string): Promise<readonly DayRange[]> =>
  queryRows<DayRange>(
    database,
    `select min(day) as "from", max(day) as "to" from (
       select day, day - row_number() over (order by day)::integer as run from (
         select distinct (recorded_at at time zone 'UTC')::date as day from billing.invocation
         where occurred_at >= ?::date and occurred_at < ?::date) as days) as runs
     group by run order by 1`,
    [monthStart(month), monthStart(month, 1)],
  );

/** Refusing the month and dropping it are one step; the chain's links go with the last day that only dropped records had. */
const dropMonth = (database: Database, month: string): Promise<void> =>
  database.transaction(async (transaction) => {
    const next = monthStart(month, 1);
    await runSql(transaction, `select set_config('lock_timeout', '15s', true)`);
    await runSql(transaction, 'update billing.retention set kept_from = greatest(kept_from, ?::timestamptz)', [
      `${next}T00:00:00Z`,
    ]);
    await runSql(transaction, `drop table billing.invocation_${month.replace('-', '_')}`);
    // An event is recorded after it occurred, or five minutes before: days that ended a day earlier hold none that is kept.
    await runSql(transaction, 'delete from billing.audit_link where day < ?::date - 1', [next]);
  });
