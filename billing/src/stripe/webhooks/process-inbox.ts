import type { ProviderFailure } from '../billing-provider.ts';
import { syncInvoice } from '../invoices/sync-invoice.ts';
import type { ProviderContext } from '../provider-context.ts';
import { openHold } from '../reconciliation/holds.ts';
import { endStoredSubscription } from '../subscriptions.ts';
import { claimEvents, finishEvent, postponeEvent, type InboxEvent } from './inbox.ts';

export interface InboxReport {
  readonly processed: number;
  readonly postponed: number;
}

/**
 * Deals with what came. The order does not matter: an event says where to look, and what is found there is the state of now,
 * not that of the event.
 */
export const processInbox = async (context: ProviderContext): Promise<InboxReport> => {
  let processed = 0;
  let postponed = 0;
  for (let events = await claimEvents(context); events.length > 0; events = await claimEvents(context))
    for (const event of events) {
      const outcome = await deal(context, event);
      if (typeof outcome === 'string') {
        await finishEvent(context, event, outcome);
        processed++;
      } else {
        await postponeEvent(context, event, outcome.message);
        postponed++;
      }
    }
  return { processed, postponed };
};

/** What was done, or why it must be tried again. */
const deal = async (context: ProviderContext, event: InboxEvent): Promise<string | ProviderFailure> => {
  const { type, objectId } = event;
  if (/^(invoice|credit_note)\./.test(type) && objectId !== undefined) {
    const synced = await syncInvoice(context, objectId);
    if (synced.ok) return synced.value;
    return synced.error.kind === 'missing' ? 'gone' : synced.error;
  }
  if (type === 'customer.subscription.deleted' && objectId !== undefined) {
    const month = new Date(context.now()).toISOString().slice(0, 7);
    await endStoredSubscription(context, { subscriptionId: objectId, month });
    return 'noted';
  }
  if (type === METER_ERRORS || type === NO_METER) {
    // Others may meter with the same account.
    if (objectId !== undefined && !(await isOurMeter(context, objectId))) return 'not_ours';
    await openHold(context, {
      eventId: event.id,
      ...(objectId === undefined ? {} : { meterId: objectId }),
      reason: type === METER_ERRORS ? 'meter_errors' : 'no_meter',
      detail: 'The provider took events that it could not count; which ones, it does not say.',
    });
    return 'held';
  }
  return 'ignored';
};

const METER_ERRORS = 'v1.billing.meter.error_report_triggered';
const NO_METER = 'v1.billing.meter.no_meter_found';

const isOurMeter = async ({ database, environment }: ProviderContext, meterId: string): Promise<boolean> => {
  const row = await database('billing.stripe_meter')
    .where({ environment, meter_id: meterId })
    .first<object | undefined>('meter_id');
  return row !== undefined;
};
