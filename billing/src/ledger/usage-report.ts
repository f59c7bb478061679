import type { Knex } from 'knex';
import { queryRows, type Binding } from '../database/query-rows.ts';

/** What usage can be grouped by; a team is a question of allocation rules, which apply to an application and a tool. */
export const usageGroups = ['tenant', 'day', 'server', 'tool', 'kind', 'application', 'outcome'] as const;
export type UsageGroup = (typeof usageGroups)[number];

export interface UsageReportQuery {
  /** First day. */
  readonly from: string;
  /** The day after the last: periods are half-open. */
  readonly to: string;
  readonly groupBy: readonly UsageGroup[];
  /** Undefined: all of them. '' is what no tenant could be found for. */
  readonly tenant?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly application?: string;
  readonly outcome?: string;
}

/** A group's members are those that were asked for; the others are undefined. */
export interface UsageReportRow {
  readonly tenant?: string;
  readonly day?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly kind?: string;
  readonly application?: string;
  readonly outcome?: string;
  readonly quantity: bigint;
  /** Milliseconds, rounded. */
  readonly latencyMsMean: number;
  readonly latencyMsMax: number;
  readonly requestBytes: bigint;
  readonly responseBytes: bigint;
}

/** A page shows hundreds. More rows than this are asked for by mistake: by every group of every tenant, for years. */
const MAX_ROWS = 100_000;

/** Usage of tools in a period from the daily sums: all outcomes, refusals included. Sorted by the groups. */
export const reportUsage = (database: Knex, query: UsageReportQuery): Promise<readonly UsageReportRow[]> => {
  const groups = usageGroups.filter((group) => query.groupBy.includes(group));
  const filters = (['tenant', 'server', 'tool', 'application', 'outcome'] as const).flatMap((name) => {
    const value = query[name];
    return value === undefined ? [] : [{ sql: `${name} = ?`, value }];
  });
  const conditions = ['day >= ?', 'day < ?', ...filters.map(({ sql }) => sql)];
  const bindings: readonly Binding[] = [query.from, query.to, ...filters.map(({ value }) => value)];
  const list = groups.join(', ');
  return queryRows<UsageReportRow>(
    database,
    `select ${groups.length === 0 ? '' : `${list},`} coalesce(sum(n), 0)::bigint as quantity,
       coalesce(round(sum(latency_ms_sum) / nullif(sum(n), 0)), 0)::integer as "latencyMsMean",
       coalesce(max(latency_ms_max), 0) as "latencyMsMax",
       coalesce(sum(request_bytes), 0)::bigint as "requestBytes",
       coalesce(sum(response_bytes), 0)::bigint as "responseBytes"
     from billing.usage_day where ${conditions.join(' and ')}
     ${groups.length === 0 ? '' : `group by ${list} order by ${list}`} limit ${MAX_ROWS}`,
    bindings,
  );
};

export interface UnknownTenant {
  readonly tenant: string;
  readonly quantity: bigint;
  readonly firstDay: string;
  readonly lastDay: string;
}

/** Tenants that call tools and have no record, the unattributed ('') among them: their usage is kept and never billed. */
export const findUnknownTenants = (
  database: Knex,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<readonly UnknownTenant[]> =>
  queryRows<UnknownTenant>(
    database,
    `select tenant, sum(n)::bigint as quantity, min(day) as "firstDay", max(day) as "lastDay" from billing.usage_day u
     where day >= ? and day < ? and not exists (select from billing.tenant t where t.id = u.tenant)
     group by tenant order by quantity desc, tenant limit ${MAX_ROWS}`,
    [from, to],
  );
