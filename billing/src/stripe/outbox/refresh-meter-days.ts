import type { Knex } from 'knex';
import { queryRows } from '../../database/query-rows.ts';
import { createPriceList, type PriceList } from '../../domain/pricing/price-list.ts';
import { loadPriceVersions } from '../../price-book/price-store.ts';
import type { ProviderContext } from '../provider-context.ts';

export interface MeterDayScope {
  readonly firstDay: string;
  /** Not included. */
  readonly endDay: string;
  readonly tenant?: string;
  /** Only tools whose usage was touched since; all when left out. */
  readonly changedSince?: Date;
}

/** A tool's billable total of a day. */
export interface DayTotal {
  readonly tenant: string;
  readonly server: string;
  readonly tool: string;
  readonly day: string;
  readonly quantity: bigint;
}

/**
 * Computes what the meters should hold from the daily usage: absolute totals, so that computing again changes nothing. Days
 * of a sealed month stay as they were sealed: what comes later is an adjustment, and a meter that took it too would bill it
 * twice. Gives the number of totals that changed.
 */
export const refreshMeterDays = async (context: ProviderContext, scope: MeterDayScope): Promise<number> => {
  const usage = await selectUsage(context.database, scope);
  if (usage.length === 0) return 0;
  const prices = createPriceList(await loadPriceVersions(context.database, tenantFilter(scope)));
  return writeTotals(context, billableTotals(usage, prices));
};

const tenantFilter = ({ tenant }: MeterDayScope): { readonly tenant?: string } =>
  tenant === undefined ? {} : { tenant };

export interface DayOutcome extends DayTotal {
  readonly outcome: string;
  readonly currency: string;
}

/** Sums what the price in force on that day bills; tools without a price are left out. */
export const billableTotals = (usage: readonly DayOutcome[], prices: PriceList): readonly DayTotal[] => {
  const totals = new Map<string, DayTotal>();
  for (const { tenant, server, tool, day, currency, outcome, quantity } of usage) {
    const version = prices.inForce({ tenant, currency, server, tool }, day);
    if (version === undefined) continue;
    const key = JSON.stringify([tenant, server, tool, day]);
    const known = totals.get(key)?.quantity ?? 0n;
    const billed = version.billableOutcomes.includes(outcome) ? quantity : 0n;
    totals.set(key, { tenant, server, tool, day, quantity: known + billed });
  }
  return [...totals.values()];
};

/** What is billable are MCP tools and REST operations of tenants that we know. */
const selectUsage = (
  database: Knex,
  { firstDay, endDay, tenant, changedSince }: MeterDayScope,
): Promise<readonly DayOutcome[]> =>
  queryRows<DayOutcome>(
    database,
    `select u.tenant, u.server, u.tool, u.day, u.outcome, t.currency, sum(u.n)::bigint as quantity
     from usage_day u join tenant t on t.id = u.tenant
     where u.day >= ? and u.day < ? and u.kind in ('tool', 'operation') ${tenant === undefined ? '' : 'and u.tenant = ?'}
       and not exists (
         select 1 from statement s
         where s.tenant = u.tenant and s.period_start <= u.day and u.day < s.period_end and s.state not in ('draft', 'void'))
       ${
         changedSince === undefined
           ? ''
           : `and exists (
         select 1 from usage_day c
         where c.tenant = u.tenant and c.day = u.day and c.server = u.server and c.tool = u.tool and c.updated_at >= ?)`
       }
     group by u.tenant, u.server, u.tool, u.day, u.outcome, t.currency`,
    [
      firstDay,
      endDay,
      ...(tenant === undefined ? [] : [tenant]),
      ...(changedSince === undefined ? [] : [changedSince]),
    ],
  );

/** Rows of one statement: a month of 200 tenants with 40 tools is 240,000. */
const ROWS_PER_WRITE = 5_000;

/** Only totals that differ are written; the attempts under way keep theirs. In one order, so that two writers never deadlock. */
export const writeTotals = async (
  { database, environment, now }: ProviderContext,
  totals: readonly DayTotal[],
): Promise<number> => {
  const sorted = [...totals].sort((left, right) => compare(keyOf(left), keyOf(right)));
  let changed = 0;
  for (let start = 0; start < sorted.length; start += ROWS_PER_WRITE) {
    const rows = sorted.slice(start, start + ROWS_PER_WRITE).map((total) => ({
      ...total,
      quantity: total.quantity.toString(),
    }));
    const written = await queryRows(
      database,
      `insert into meter_day as d (environment, tenant, server, tool, day, desired_quantity, next_attempt_at)
       select ?, n.tenant, n.server, n.tool, n.day, n.quantity, ?
       from jsonb_to_recordset(?::jsonb) as n (tenant text, server text, tool text, day date, quantity bigint)
       on conflict (environment, tenant, server, tool, day) do update set desired_quantity = excluded.desired_quantity
         where d.desired_quantity <> excluded.desired_quantity
       returning 1`,
      [environment, new Date(now()), JSON.stringify(rows)],
    );
    changed += written.length;
  }
  return changed;
};

const keyOf = ({ tenant, server, tool, day }: DayTotal): string => [tenant, server, tool, day].join('\n');

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
