import type { Knex } from 'knex';
import type { Database } from '../database/open-database.ts';
import { queryRows } from '../database/query-rows.ts';
import type { Day } from '../domain/calendar/day.ts';
import { addDays } from '../domain/calendar/day.ts';
import type { Period } from '../domain/calendar/period.ts';
import { TOOL_KINDS } from './load-usage.ts';

/** A day of a tool on which the daily usage and the single records differ in number. */
export interface EvidenceDifference {
  readonly day: Day;
  readonly tenant: string;
  readonly server: string;
  readonly tool: string;
  readonly outcome: string;
  readonly rollup: bigint;
  readonly raw: bigint;
}

export type DayProgress = (done: number, total: number) => void;

/**
 * Hashes the invocations of every day of the period whose usage has changed since they were hashed. For the worker once a day:
 * closing a month then finds its days done. 10 million records take about a minute; a day that is done costs nothing.
 */
export const refreshEvidence = async (
  database: Database,
  period: Period,
  onProgress: DayProgress = () => undefined,
): Promise<readonly Day[]> => {
  const days = await findStaleDays(database, period);
  for (const [index, day] of days.entries()) {
    onProgress(index, days.length);
    await database.transaction((transaction) => hashDay(transaction, day));
  }
  onProgress(days.length, days.length);
  return days;
};

/**
 * Days on which some tenant's hashed records do not number what its daily usage says. Adding up is a sixth of the work of
 * comparing tool by tool, and a month close does it twice.
 */
export const findStaleDays = async (database: Knex, { start, end }: Period): Promise<readonly Day[]> => {
  const rows = await queryRows<{ readonly day: Day }>(
    database,
    `select distinct day
     from (select day, tenant, sum(n) as n from billing.usage_day
       where day >= ? and day < ? and kind = any (?) group by day, tenant) u
     full join (select day, tenant, sum(n) as n from billing.usage_evidence
       where day >= ? and day < ? group by day, tenant) e using (day, tenant)
     where u.n is distinct from e.n order by day`,
    [start, end, [...TOOL_KINDS], start, end],
  );
  return rows.map(({ day }) => day);
};

/** Where the hashed records of the period do not number what the daily usage says. */
export const findDifferences = (database: Knex, { start, end }: Period): Promise<readonly EvidenceDifference[]> =>
  queryRows<EvidenceDifference>(
    database,
    `select day, tenant, server, tool, outcome, coalesce(u.n, 0) as rollup, coalesce(e.n, 0) as raw
     from (
       select day, tenant, server, tool, outcome, sum(n)::bigint as n from billing.usage_day
       where day >= ? and day < ? and kind = any (?) group by day, tenant, server, tool, outcome
     ) u
     full join (select * from billing.usage_evidence where day >= ? and day < ?) e
       using (day, tenant, server, tool, outcome)
     where u.n is distinct from e.n
     order by day, tenant, server, tool, outcome`,
    [start, end, [...TOOL_KINDS], start, end],
  );

/** Sorting within the tool, as `bucketSha256` does: 16 bytes of the id, 32 of the record's digest. */
const hashedDay = `
  select ?::date as day, tenant, server, tool, outcome, count(*) as n,
    sha256(string_agg(uuid_send(id) || content_sha256, ''::bytea order by id)) as sha256
  from billing.invocation
  where occurred_at >= ?::date and occurred_at < ?::date and tool is not null and kind = any (?)
  group by tenant, server, tool, outcome`;

/** For sorting a day's records of a tool in memory: 333,000 of them are 30 MB. */
const SORT_MEMORY = `select set_config('work_mem', '128MB', true)`;

/** Only what differs is written: a late record leaves the other tools' rows as they are. */
export const hashDay = async (transaction: Knex, day: Day): Promise<void> => {
  await transaction.raw(SORT_MEMORY);
  await transaction.raw(
    `with fresh as (${hashedDay}),
     gone as (
       delete from billing.usage_evidence e where day = ? and not exists (
         select from fresh f where (f.tenant, f.server, f.tool, f.outcome) = (e.tenant, e.server, e.tool, e.outcome))
     )
     insert into billing.usage_evidence as e (day, tenant, server, tool, outcome, n, sha256, computed_at)
     select day, tenant, server, tool, outcome, n, sha256, now() from fresh
     on conflict (tenant, day, server, tool, outcome) do update
       set n = excluded.n, sha256 = excluded.sha256, computed_at = excluded.computed_at
       where e.sha256 <> excluded.sha256`,
    [day, day, addDays(day, 1), [...TOOL_KINDS], day],
  );
};

/** A bucket of records that is not what it was when it was hashed, although its number may be. */
export interface ChangedBucket {
  readonly day: Day;
  readonly tenant: string;
  readonly server: string;
  readonly tool: string;
  readonly outcome: string;
}

/**
 * Reads every record of the period again and compares with the hashes and the daily usage: the raw re-verification. Changes
 * nothing. Late records that nobody has hashed yet are differences too; `refreshEvidence` takes them in.
 */
export const verifyEvidence = async (
  database: Database,
  { start, end }: Period,
  onProgress: DayProgress = () => undefined,
): Promise<{ readonly records: bigint; readonly changed: readonly ChangedBucket[] }> => {
  const changed: ChangedBucket[] = [];
  let records = 0n;
  for (let day = start, done = 0; day < end; day = addDays(day, 1), done += 1) {
    onProgress(done, (Date.parse(end) - Date.parse(start)) / 86_400_000);
    const found = await database.transaction(async (transaction) => {
      await transaction.raw(SORT_MEMORY);
      return queryRows<ChangedBucket & { readonly n: bigint; readonly is_same: boolean }>(
        transaction,
        `select day, tenant, server, tool, outcome, coalesce(f.n, 0) as n, f.sha256 is not distinct from e.sha256 as is_same
         from (${hashedDay}) f full join (select * from billing.usage_evidence where day = ?) e
           using (day, tenant, server, tool, outcome)`,
        [day, day, addDays(day, 1), [...TOOL_KINDS], day],
      );
    });
    for (const { n, is_same: isSame, ...bucket } of found) {
      records += n;
      if (!isSame) changed.push(bucket);
    }
  }
  return { records, changed };
};
