import { addDays } from '../domain/calendar/day.ts';
import type { ProviderContext } from './provider-context.ts';

/**
 * A tenant's subscription and the months that are wholly on it. It is never changed, only replaced by one that begins with the
 * month: so that all days of a month are rated by the same items.
 */
export interface StoredSubscription {
  readonly subscriptionId: string;
  readonly tenant: string;
  /** `YYYY-MM`. */
  readonly firstMonth: string;
}

const TABLE = 'billing.stripe_subscription';

type Where = Pick<ProviderContext, 'database' | 'environment'>;

/** The one whose invoices include the whole month. */
export const findSubscription = async (
  { database, environment }: Where,
  { tenant, month }: { readonly tenant: string; readonly month: string },
): Promise<string | undefined> => {
  const row = await database(TABLE)
    .where({ environment, tenant })
    .where('first_month', '<=', month)
    .whereRaw('(last_month is null or last_month >= ?)', [month])
    .orderBy('first_month', 'desc')
    .first<{ readonly subscription_id: string } | undefined>('subscription_id');
  return row?.subscription_id;
};

export const saveSubscription = async (
  { database, environment, now }: ProviderContext,
  { subscriptionId, tenant, firstMonth }: StoredSubscription,
): Promise<void> => {
  await database(TABLE)
    .insert({
      ...{ environment, subscription_id: subscriptionId, tenant, first_month: firstMonth },
      recorded_at: new Date(now()),
    })
    .onConflict(['environment', 'subscription_id'])
    .ignore();
};

/** It ended within `month`, whose usage is invoiced by lines or by the next one. */
export const endStoredSubscription = async (
  { database, environment }: Where,
  { subscriptionId, month }: { readonly subscriptionId: string; readonly month: string },
): Promise<void> => {
  await database(TABLE)
    .where({ environment, subscription_id: subscriptionId, last_month: null })
    .update({ last_month: addDays(`${month}-01`, -1).slice(0, 7) });
};
