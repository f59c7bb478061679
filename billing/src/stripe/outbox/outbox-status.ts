import { queryRows } from '../../database/query-rows.ts';
import type { ProviderContext } from '../provider-context.ts';

/** How the outbox stands, for a person and for metrics. */
export interface OutboxStatus {
  readonly rows: bigint;
  /** Totals that the provider does not have yet. */
  readonly waiting: bigint;
  /** Of these, attempts whose answer never came. */
  readonly inFlight: bigint;
  readonly rejected: bigint;
  readonly tooLate: bigint;
  /** Rows that cannot be sent: no customer, or no meter. `catalog apply` makes them. */
  readonly notInCatalog: bigint;
  /** The oldest day with a total that waits. */
  readonly oldestDay?: string;
  readonly lastError?: string;
}

export const outboxStatus = async ({
  database,
  environment,
}: Pick<ProviderContext, 'database' | 'environment'>): Promise<OutboxStatus> => {
  const [row] = await queryRows<{
    readonly rows: bigint;
    readonly waiting: bigint;
    readonly in_flight: bigint;
    readonly rejected: bigint;
    readonly too_late: bigint;
    readonly not_in_catalog: bigint;
    readonly oldest_day: string | null;
    readonly last_error: string | null;
  }>(
    database,
    `with d as (
       select d.*, d.state = 'open' and (d.desired_quantity <> d.acked_quantity or d.inflight_id is not null) as is_waiting,
         c.stripe_id is null or m.meter_id is null as is_unknown
       from meter_day d
       left join stripe_object c on c.environment = d.environment and c.kind = 'customer' and c.local_id = d.tenant
       left join stripe_meter m on m.environment = d.environment and m.server = d.server and m.tool = d.tool and m.is_active
       where d.environment = ?)
     select count(*) as rows, count(*) filter (where is_waiting) as waiting,
       count(*) filter (where is_waiting and inflight_id is not null) as in_flight,
       count(*) filter (where state = 'rejected') as rejected, count(*) filter (where state = 'too_late') as too_late,
       count(*) filter (where is_waiting and is_unknown) as not_in_catalog,
       min(day) filter (where is_waiting) as oldest_day,
       (array_agg(last_error order by next_attempt_at desc) filter (where last_error is not null))[1] as last_error
     from d`,
    [environment],
  );
  if (row === undefined) throw new Error('Counting gave no row.');
  return {
    ...{ rows: row.rows, waiting: row.waiting, inFlight: row.in_flight, rejected: row.rejected },
    ...{ tooLate: row.too_late, notInCatalog: row.not_in_catalog },
    ...(row.oldest_day === null ? {} : { oldestDay: row.oldest_day }),
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
  };
};
