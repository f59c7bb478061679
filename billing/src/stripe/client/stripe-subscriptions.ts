import type Stripe from 'stripe';
import type { CatalogProvider, ProviderSubscription } from '../billing-provider.ts';
import { callStripe, type CallOptions } from './call-stripe.ts';
import { listAll, PAGE_SIZE } from './list-all.ts';

type Subscriptions = Pick<CatalogProvider, 'listSubscriptions' | 'createSubscription' | 'endSubscription'>;

/** Days in which an invoice that is sent is due. */
const DAYS_UNTIL_DUE = 30;

export const createStripeSubscriptions = (stripe: Stripe, options: CallOptions): Subscriptions => ({
  listSubscriptions: (metadataKey) =>
    callStripe(async () => {
      const all = stripe.subscriptions.list({ limit: PAGE_SIZE, status: 'all' });
      return (await listAll(all, ({ metadata }) => metadataKey in metadata)).map(toSubscription);
    }, options),

  createSubscription: ({ customerId, priceIds, startsAt, metadata }, idempotencyKey) =>
    callStripe(async () => {
      const subscription = await stripe.subscriptions.create(
        {
          customer: customerId,
          items: priceIds.map((price) => ({ price })),
          metadata,
          // From the month's first moment, so that this month's usage is on its first invoice.
          backdate_start_date: startsAt / 1000,
          billing_cycle_anchor_config: { day_of_month: 1, hour: 0, minute: 0, second: 0 },
          // Accounts differ in their default.
          billing_mode: { type: 'flexible' },
          proration_behavior: 'none',
          collection_method: 'send_invoice',
          days_until_due: DAYS_UNTIL_DUE,
        },
        { idempotencyKey },
      );
      return toSubscription(subscription);
    }, options),

  endSubscription: (id) =>
    callStripe(
      async () => toSubscription(await stripe.subscriptions.cancel(id, { invoice_now: false, prorate: false })),
      options,
    ),
});

const toSubscription = (subscription: Stripe.Subscription): ProviderSubscription => ({
  id: subscription.id,
  customerId: typeof subscription.customer === 'string' ? subscription.customer : subscription.customer.id,
  isEnded: subscription.ended_at !== null,
  priceIds: subscription.items.data.map(({ price }) => price.id),
  anchor: subscription.billing_cycle_anchor * 1000,
  startedAt: subscription.start_date * 1000,
  metadata: subscription.metadata,
});
