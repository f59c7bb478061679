import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';

export interface LiveUsageQuery {
  /** Undefined: all servers, which reads more the longer the window is. */
  readonly server?: string;
  readonly tool?: string;
  readonly tenant?: string;
  /** Up to the present; 1 minute to 48 hours. */
  readonly minutes: number;
}

export interface LiveUsage {
  readonly server: string;
  readonly tool: string;
  readonly calls: bigint;
  /** `tool_error`, `rpc_error`, `upstream_error` and `not_executed`: the server was at fault, or could not do it. */
  readonly errors: bigint;
  /** Refused by policy or guard. */
  readonly refused: bigint;
  /** Milliseconds of calls that were let through; null without one. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly lastCallAt: Date;
}

/** A window of two days is a report; what is longer is answered from the daily sums. */
const MAX_MINUTES = 48 * 60;

/** The last minutes or hours of tools from single records: calls, errors, refusals, percentiles of latency. */
export const liveUsage = (database: Knex, query: LiveUsageQuery): Promise<readonly LiveUsage[]> => {
  const { server = null, tool = null, tenant = null } = query;
  const minutes = Math.min(Math.max(query.minutes, 1), MAX_MINUTES);
  return queryRows<LiveUsage>(
    database,
    `select server, tool, count(*) as calls,
       count(*) filter (where outcome in ('tool_error', 'rpc_error', 'upstream_error', 'not_executed')) as errors,
       count(*) filter (where outcome in ('refused', 'guard_refused')) as refused,
       percentile_disc(0.5) within group (order by latency_ms) filter (where decision = 'allow') as p50,
       percentile_disc(0.95) within group (order by latency_ms) filter (where decision = 'allow') as p95,
       percentile_disc(0.99) within group (order by latency_ms) filter (where decision = 'allow') as p99,
       max(occurred_at) as "lastCallAt"
     from billing.invocation
     where occurred_at >= now() - make_interval(mins => ?::integer) and tool is not null
       ${server === null ? '' : 'and server = ?'} ${tool === null ? '' : 'and tool = ?'} ${tenant === null ? '' : 'and tenant = ?'}
     group by server, tool order by calls desc, server, tool limit 1000`,
    [minutes, ...[server, tool, tenant].filter((value) => value !== null)],
  );
};
