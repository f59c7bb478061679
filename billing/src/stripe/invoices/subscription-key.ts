import type { ProviderContext } from '../provider-context.ts';

/** A tenant's subscription and the first month that is wholly on it. A tenant has one that has not ended, or none. */
export const subscriptionKey = (tenant: string, firstMonth: string): string =>
  `${encodeURIComponent(tenant)} ${firstMonth}`;

/** The subscription whose invoices include the whole period that begins on `periodStart`. */
export const findSubscription = async (
  { database, environment }: Pick<ProviderContext, 'database' | 'environment'>,
  { tenant, periodStart }: { readonly tenant: string; readonly periodStart: string },
): Promise<string | undefined> => {
  const rows = await database('billing.stripe_object')
    .where({ environment, kind: 'subscription', is_active: true })
    .whereRaw(`starts_with(local_id, ?) and local_id collate "C" <= ?`, [
      subscriptionKey(tenant, ''),
      subscriptionKey(tenant, periodStart.slice(0, 7)),
    ])
    .orderBy('local_id', 'desc')
    .select<readonly { readonly stripe_id: string }[]>('stripe_id');
  return rows[0]?.stripe_id;
};
