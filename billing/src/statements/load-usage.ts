import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import type { Day } from '../domain/calendar/day.ts';
import type { Period } from '../domain/calendar/period.ts';
import type { UsageRow } from '../domain/usage/usage-row.ts';

/** Kinds of calls that are tools: what a prompt or a list is called for costs nothing. */
export const TOOL_KINDS: readonly string[] = ['tool', 'operation'];

export interface UsageQuery {
  readonly period: Period;
  readonly tenants: readonly string[];
  /** Days on which a price or a rule may change; the period's first among them. Usage is summed between them. */
  readonly cuts: readonly Day[];
  /** Tools (`*` for all of a server) whose every day is needed, because they share an allowance with others. */
  readonly daily: readonly { readonly server: string; readonly tool: string }[];
}

/**
 * Usage of tenants in a period, each row of the day on which its stretch begins. A month of 10 million calls has 2 million rows
 * by day; between cuts, which most months have none of, it has some 100,000, and the statement is the same.
 */
export const loadUsage = async (
  database: Knex,
  { period, tenants, cuts, daily }: UsageQuery,
): Promise<readonly UsageRow[]> =>
  queryRows<UsageRow>(
    database,
    `select tenant, application, server, tool, outcome, sum(n)::bigint as quantity,
       ${daily.length === 0 ? stretch : `case when exists (${isDaily}) then day else ${stretch} end`} as day
     from billing.usage_day u
     where day >= ? and day < ? and tenant = any (?) and kind = any (?)
     group by 1, 2, 3, 4, 5, 7`,
    [
      ...(daily.length === 0 ? [] : [JSON.stringify(daily)]),
      [...cuts],
      [...cuts],
      period.start,
      period.end,
      [...tenants],
      [...TOOL_KINDS],
    ],
  );

/** The day on which the stretch of a row's day begins. */
const stretch = `(?::date[])[width_bucket(day, ?::date[])]`;

const isDaily = `
  select from json_to_recordset(?::json) as d (server text, tool text) where d.server = u.server and d.tool in (u.tool, '*')`;

/** Usage of one tenant, day by day. */
export const loadDailyUsage = async (
  database: Knex,
  { tenant, period }: { readonly tenant: string; readonly period: Period },
): Promise<readonly UsageRow[]> =>
  queryRows<UsageRow>(
    database,
    `select tenant, application, server, tool, outcome, day, sum(n)::bigint as quantity
     from billing.usage_day where tenant = ? and day >= ? and day < ? and kind = any (?)
     group by tenant, application, server, tool, outcome, day`,
    [tenant, period.start, period.end, [...TOOL_KINDS]],
  );
