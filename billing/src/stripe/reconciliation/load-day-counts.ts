import { queryRows } from '../../database/query-rows.ts';
import { createPriceList, type PriceList } from '../../domain/pricing/price-list.ts';
import type { DayCounts, OutboxCounts } from '../../domain/reconciliation/reconcile-day.ts';
import { loadPriceVersions } from '../../price-book/price-store.ts';
import type { ProviderContext } from '../provider-context.ts';

export interface ReconcileScope {
  readonly firstDay: string;
  /** Not included. */
  readonly endDay: string;
  readonly tenant?: string;
}

/** One tool of one tenant on one day, with what is counted here; the provider's count comes later. */
export interface LocalDay {
  readonly tenant: string;
  readonly server: string;
  readonly tool: string;
  readonly day: string;
  readonly counts: DayCounts;
  /** Whom to ask for the provider's count. */
  readonly customerId?: string;
  readonly meterId?: string;
}

interface OutcomeRow {
  readonly tenant: string;
  readonly server: string;
  readonly tool: string;
  readonly day: string;
  readonly outcome: string;
  readonly recorded: bigint;
  readonly rolled_up: bigint;
  readonly currency: string | null;
}

interface MeterRow {
  readonly tenant: string;
  readonly server: string;
  readonly tool: string;
  readonly day: string;
  readonly desired_quantity: bigint;
  readonly acked_quantity: bigint;
  readonly acked_at: Date | null;
  readonly inflight_id: string | null;
  readonly state: OutboxCounts['state'];
  readonly customer_id: string | null;
  readonly meter_id: string | null;
}

/** The counts of ledger, rollup and outbox, side by side. Tools without a price have no outbox. */
export const loadLocalDays = async (context: ProviderContext, scope: ReconcileScope): Promise<readonly LocalDay[]> => {
  const { database } = context;
  const [outcomes, meters, versions] = await Promise.all([
    selectOutcomes(database, scope),
    selectMeters(context, scope),
    loadPriceVersions(database, scope.tenant === undefined ? {} : { tenant: scope.tenant }),
  ]);
  const days = countOutcomes(outcomes, createPriceList(versions));
  for (const row of meters) {
    const key = keyOf(row);
    const { tenant, server, tool, day } = row;
    const known = days.get(key) ?? { tenant, server, tool, day, counts: NOTHING };
    days.set(key, {
      ...known,
      counts: { ...known.counts, outbox: toOutbox(row) },
      ...(row.customer_id === null ? {} : { customerId: row.customer_id }),
      ...(row.meter_id === null ? {} : { meterId: row.meter_id }),
    });
  }
  return [...days.values()].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
};

const NOTHING: DayCounts = { recorded: 0n, rolledUp: 0n, recordedBillable: 0n, rolledUpBillable: 0n };

const countOutcomes = (rows: readonly OutcomeRow[], prices: PriceList): Map<string, LocalDay> => {
  const days = new Map<string, LocalDay>();
  for (const row of rows) {
    const { tenant, server, tool, day, outcome, currency } = row;
    const version = currency === null ? undefined : prices.inForce({ tenant, currency, server, tool }, day);
    const isBilled = version?.billableOutcomes.includes(outcome) === true;
    const { counts, ...rest } = days.get(keyOf(row)) ?? { tenant, server, tool, day, counts: NOTHING };
    const { outbox = version === undefined ? undefined : NOT_COMPUTED } = counts;
    days.set(keyOf(row), {
      ...rest,
      counts: {
        recorded: counts.recorded + row.recorded,
        rolledUp: counts.rolledUp + row.rolled_up,
        recordedBillable: counts.recordedBillable + (isBilled ? row.recorded : 0n),
        rolledUpBillable: counts.rolledUpBillable + (isBilled ? row.rolled_up : 0n),
        ...(outbox === undefined ? {} : { outbox }),
      },
    });
  }
  return days;
};

/** Of a priced tool whose total has not been computed yet. */
const NOT_COMPUTED: OutboxCounts = { desired: 0n, acked: 0n, isInFlight: false, state: 'open', isInCatalog: true };

const toOutbox = (row: MeterRow): OutboxCounts => ({
  desired: row.desired_quantity,
  acked: row.acked_quantity,
  isInFlight: row.inflight_id !== null && row.state === 'open',
  state: row.state,
  ...(row.acked_at === null ? {} : { ackedAt: row.acked_at.getTime() }),
  isInCatalog: row.customer_id !== null && row.meter_id !== null,
});

/** Nothing of a tool name or a tenant id is a line feed. */
const keyOf = ({ tenant, server, tool, day }: Pick<LocalDay, 'tenant' | 'server' | 'tool' | 'day'>): string =>
  [tenant, server, tool, day].join('\n');

const selectOutcomes = (
  database: ProviderContext['database'],
  { firstDay, endDay, tenant }: ReconcileScope,
): Promise<readonly OutcomeRow[]> => {
  const only = tenant === undefined ? '' : 'and tenant = ?';
  const bindings = [firstDay, endDay, ...(tenant === undefined ? [] : [tenant])];
  return queryRows<OutcomeRow>(
    database,
    `with raw as (
       select tenant, server, tool, (occurred_at at time zone 'UTC')::date as day, outcome, count(*) as n from invocation
       where occurred_at >= ?::date and occurred_at < ?::date ${only} and tool is not null
         and kind in ('tool', 'operation')
       group by 1, 2, 3, 4, 5),
     rollup as (
       select tenant, server, tool, day, outcome, sum(n)::bigint as n from usage_day
       where day >= ? and day < ? ${only} and kind in ('tool', 'operation') group by 1, 2, 3, 4, 5)
     select tenant, server, tool, day, outcome, t.currency,
       coalesce(raw.n, 0) as recorded, coalesce(rollup.n, 0) as rolled_up
     from raw full join rollup using (tenant, server, tool, day, outcome) left join tenant t on t.id = tenant`,
    [...bindings, ...bindings],
  );
};

const selectMeters = (
  { database, environment }: ProviderContext,
  { firstDay, endDay, tenant }: ReconcileScope,
): Promise<readonly MeterRow[]> =>
  queryRows<MeterRow>(
    database,
    `select d.tenant, d.server, d.tool, d.day, d.desired_quantity, d.acked_quantity, d.acked_at, d.inflight_id, d.state,
       c.stripe_id as customer_id, m.meter_id
     from meter_day d
     left join stripe_object c on c.environment = d.environment and c.kind = 'customer' and c.local_id = d.tenant
     left join stripe_meter m on m.environment = d.environment and m.server = d.server and m.tool = d.tool and m.is_active
     where d.environment = ? and d.day >= ? and d.day < ? ${tenant === undefined ? '' : 'and d.tenant = ?'}`,
    [environment, firstDay, endDay, ...(tenant === undefined ? [] : [tenant])],
  );
