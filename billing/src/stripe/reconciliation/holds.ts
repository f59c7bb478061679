import { queryRows } from '../../database/query-rows.ts';
import type { ProviderContext } from '../provider-context.ts';

/** A reason not to make invoices final until usage was compared again. */
export interface Hold {
  readonly eventId: string;
  /** Absent: it may concern any. */
  readonly meterId?: string;
  readonly reason: 'meter_errors' | 'no_meter';
  readonly detail: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

type Where = Pick<ProviderContext, 'database' | 'environment'>;

export const openHold = async (
  { database, environment, now }: ProviderContext,
  { eventId, meterId, reason, detail }: Omit<Hold, 'openedAt'>,
): Promise<void> => {
  await database('billing.stripe_hold')
    .insert({
      ...{ environment, event_id: eventId, meter_id: meterId ?? null, reason, detail },
      opened_at: new Date(now()),
    })
    .onConflict(['environment', 'event_id'])
    .ignore();
};

/** Open ones that concern any of the tools; all when left out. */
export const listHolds = async (
  { database, environment }: Where,
  tools?: readonly { readonly server: string; readonly tool: string }[],
): Promise<readonly Hold[]> => {
  const rows = await queryRows<{
    readonly event_id: string;
    readonly meter_id: string | null;
    readonly reason: Hold['reason'];
    readonly detail: string;
    readonly opened_at: Date;
    readonly server: string | null;
    readonly tool: string | null;
  }>(
    database,
    `select h.event_id, h.meter_id, h.reason, h.detail, h.opened_at, m.server, m.tool
     from stripe_hold h left join stripe_meter m on m.environment = h.environment and m.meter_id = h.meter_id
     where h.environment = ? and h.cleared_at is null order by h.id`,
    [environment],
  );
  return rows
    .filter(
      ({ server, tool }) =>
        tools === undefined || server === null || tools.some((each) => each.server === server && each.tool === tool),
    )
    .map((row) => ({
      eventId: row.event_id,
      ...(row.meter_id === null ? {} : { meterId: row.meter_id }),
      reason: row.reason,
      detail: row.detail,
      openedAt: row.opened_at.getTime(),
    }));
};

/** After a comparison that began at `before` found everything counted. `none`: those that name no meter. */
export const clearHolds = async (
  { database, environment, now }: ProviderContext,
  { before, meterIds }: { readonly before: number; readonly meterIds: readonly string[] | 'none' },
): Promise<number> =>
  database('billing.stripe_hold')
    .where({ environment, cleared_at: null })
    .where('opened_at', '<', new Date(before))
    .modify((query) => {
      if (meterIds === 'none') void query.whereNull('meter_id');
      else void query.whereIn('meter_id', [...meterIds]);
    })
    .update({ cleared_at: new Date(now()) });
