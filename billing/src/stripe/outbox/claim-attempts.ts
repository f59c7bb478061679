import { beginAttempt, isTooLateToSend, type MeterDelivery } from '../../domain/metering/meter-delivery.ts';
import { meterEventIdentifier, type MeterSeries } from '../../domain/metering/meter-names.ts';
import type { Database } from '../../database/open-database.ts';
import { queryRows } from '../../database/query-rows.ts';
import type { ProviderContext } from '../provider-context.ts';

/** An attempt that is stored and may be sent, once, until the claim ends. */
export interface ClaimedAttempt {
  readonly series: MeterSeries;
  readonly day: string;
  readonly delivery: MeterDelivery;
  readonly customerId: string;
  readonly eventName: string;
  readonly claimedUntil: number;
}

/**
 * Longer than a call can take, so that no second process repeats an attempt that is still under way. If one dies, its rows
 * wait this long.
 */
const CLAIM_MS = 120_000;

/** Any number that nobody else uses: two claims at once could pick two days of one meter. */
const CLAIM_LOCK = 7_263_201;

interface DueRow {
  readonly tenant: string;
  readonly server: string;
  readonly tool: string;
  readonly day: string;
  readonly desired_quantity: bigint;
  readonly acked_quantity: bigint;
  readonly revision: number;
  readonly inflight_id: string | null;
  readonly inflight_value: bigint | null;
  readonly attempts: number;
  readonly next_attempt_at: Date;
  readonly customer_id: string;
  readonly event_name: string;
}

/**
 * Picks due rows, at most one a customer and meter, and stores their attempts before anything is sent: Stripe takes one call
 * at a time for a customer and meter, and an attempt that is not stored could not be repeated under its name.
 */
export const claimAttempts = (
  context: ProviderContext,
  limit: number,
): Promise<{ readonly attempts: readonly ClaimedAttempt[]; readonly givenUp: number }> =>
  context.database.transaction(async (transaction) => {
    await transaction.raw('select pg_advisory_xact_lock(?)', [CLAIM_LOCK]);
    const now = context.now();
    const due = await selectDue(transaction, { environment: context.environment, now, limit });
    const late = due.filter(({ day }) => isTooLateToSend(Date.parse(day), now));
    const attempts = due
      .filter((row) => !late.includes(row))
      .map((row) => toAttempt(row, context.environment, now + CLAIM_MS));
    await storeAttempts(transaction, attempts, now);
    await giveUp(transaction, context.environment, late);
    return { attempts, givenUp: late.length };
  });

const selectDue = (
  transaction: Database,
  { environment, now, limit }: { readonly environment: string; readonly now: number; readonly limit: number },
): Promise<readonly DueRow[]> => {
  const at = new Date(now);
  return queryRows<DueRow>(
    transaction,
    // Undecided attempts first: nothing newer of that day may leave before them.
    `select distinct on (d.tenant, d.server, d.tool) d.*, c.stripe_id as customer_id, m.event_name
     from meter_day d
     join stripe_object c on c.environment = d.environment and c.kind = 'customer' and c.local_id = d.tenant
     join stripe_meter m on m.environment = d.environment and m.server = d.server and m.tool = d.tool and m.is_active
     where d.environment = ? and d.state = 'open' and d.next_attempt_at <= ? and d.day <= ?
       and (d.desired_quantity <> d.acked_quantity or d.inflight_id is not null)
       and not exists (
         select 1 from meter_day busy
         where busy.environment = d.environment and busy.tenant = d.tenant and busy.server = d.server
           and busy.tool = d.tool and busy.claimed_until is not null and busy.claimed_until > ?)
     order by d.tenant, d.server, d.tool, d.inflight_id is null, d.next_attempt_at, d.day
     limit ?`,
    // A node's clock may be ahead by minutes; its new day waits until it is ours.
    [environment, at, at.toISOString().slice(0, 10), at, limit],
  );
};

const toAttempt = (row: DueRow, environment: string, claimedUntil: number): ClaimedAttempt => {
  const { day, customer_id: customerId, event_name: eventName } = row;
  const series = { environment, tenant: row.tenant, server: row.server, tool: row.tool };
  const stored: MeterDelivery = {
    desired: row.desired_quantity,
    acked: row.acked_quantity,
    revision: row.revision,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at.getTime(),
    state: 'open',
    ...(row.inflight_id === null || row.inflight_value === null
      ? {}
      : { inflight: { id: row.inflight_id, value: row.inflight_value } }),
  };
  const delivery = beginAttempt(stored, (revision, value) => meterEventIdentifier(series, { day, revision, value }));
  return { series, day, delivery, customerId, eventName, claimedUntil };
};

const storeAttempts = async (
  transaction: Database,
  attempts: readonly ClaimedAttempt[],
  now: number,
): Promise<void> => {
  if (attempts.length === 0) return;
  const rows = attempts.map(({ series, day, delivery, claimedUntil }) => ({
    ...series,
    day,
    revision: delivery.revision,
    id: delivery.inflight?.id,
    value: delivery.inflight?.value.toString(),
    claimed_until: new Date(claimedUntil).toISOString(),
  }));
  await transaction.raw(
    `update meter_day d
     set revision = n.revision, inflight_id = n.id, inflight_value = n.value, claimed_until = n.claimed_until,
       inflight_since = coalesce(d.inflight_since, ?)
     from jsonb_to_recordset(?::jsonb) as n (environment text, tenant text, server text, tool text, day date,
       revision integer, id text, value bigint, claimed_until timestamptz)
     where d.environment = n.environment and d.tenant = n.tenant and d.server = n.server and d.tool = n.tool
       and d.day = n.day`,
    [new Date(now), JSON.stringify(rows)],
  );
};

/** Its usage is billed by the statement of its month, or by an adjustment of the next one. */
const giveUp = async (transaction: Database, environment: string, rows: readonly DueRow[]): Promise<void> => {
  for (const { tenant, server, tool, day } of rows)
    await transaction('meter_day').where({ environment, tenant, server, tool, day }).update({
      state: 'too_late',
      last_error: 'The day began more than 34 days ago; the provider takes no more totals for it.',
    });
};
