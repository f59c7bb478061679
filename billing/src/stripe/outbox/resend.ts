import type { ProviderContext } from '../provider-context.ts';
import type { ReconciledItem } from '../reconciliation/reconcile.ts';

/** Then it is not a lost event but a cause that somebody must find. */
const MAX_RESENDS = 5;

/**
 * Opens again what the provider took and did not count, and what it refused: the total of the day goes out under a new name.
 * It replaces whatever the meter holds, so that it can do no harm. Gives the rows opened.
 */
export const resendDifferences = async (
  { database, environment, now }: ProviderContext,
  items: readonly ReconciledItem[],
): Promise<number> => {
  let opened = 0;
  for (const { cause, tenant, server, tool, day } of items) {
    if (cause !== 'provider_short' && cause !== 'provider_over' && cause !== 'rejected') continue;
    if (tenant === undefined || server === undefined || tool === undefined || day === undefined) continue;
    opened += await database('billing.meter_day')
      .where({ environment, tenant, server, tool, day, inflight_id: null })
      .whereIn('state', ['open', 'rejected'])
      .where('resends', '<', MAX_RESENDS)
      .update({
        state: 'open',
        // No total is below zero, so that this one is always due.
        acked_quantity: -1,
        next_attempt_at: new Date(now()),
        resends: database.raw('resends + 1'),
        last_error: null,
      });
  }
  return opened;
};
