import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';

/** A sum of the daily usage that is not what the single records give. */
export interface UsageDifference {
  readonly day: string;
  readonly tenant: string;
  readonly server: string;
  readonly tool: string;
  readonly kind: string;
  readonly application: string;
  readonly outcome: string;
  /** Single records. */
  readonly raw: bigint;
  /** The daily sum. */
  readonly rollup: bigint;
}

/** More differences than a person reads: the first hundred show what is wrong. */
const MAX_DIFFERENCES = 100;

/**
 * Counts a day's single records again and compares them with the daily usage, in one statement, so that what is ingested
 * meanwhile is in both or in neither. Nothing to report is an empty list. A day whose records were dropped cannot be compared.
 */
export const reconcileDay = (database: Knex, day: string): Promise<readonly UsageDifference[]> =>
  queryRows<UsageDifference>(
    database,
    `with raw as (
       select tenant, server, tool, kind, application, outcome, count(*) as n, sum(latency_ms)::bigint as latency,
         sum(request_bytes)::bigint as request_bytes, sum(response_bytes)::bigint as response_bytes
       from billing.invocation
       where occurred_at >= ?::date and occurred_at < ?::date + 1 and tool is not null
       group by tenant, server, tool, kind, application, outcome)
     select ?::date as day, tenant, server, tool, kind, application, outcome,
       coalesce(r.n, 0) as raw, coalesce(u.n, 0) as rollup
     from raw r
     full join (select * from billing.usage_day where day = ?::date) u
       using (tenant, server, tool, kind, application, outcome)
     where (r.n, r.latency, r.request_bytes, r.response_bytes)
       is distinct from (u.n, u.latency_ms_sum, u.request_bytes, u.response_bytes)
     order by tenant, server, tool, kind, application, outcome limit ${MAX_DIFFERENCES}`,
    [day, day, day, day],
  );
