import type Stripe from 'stripe';
import { isWhole, toWhole } from '../engine/decimal.ts';
import type { Account } from '../state/account.ts';
import type { PriceRecord, SubscriptionItemRecord, SubscriptionRecord } from '../state/records.ts';
import type { Wire } from '../state/wire.ts';
import { requirePrice, toPrice } from './prices.ts';

export function toSubscription(account: Account, subscription: SubscriptionRecord) {
  const items = subscription.items.filter((item) => item.removedAt === null);
  return {
    id: subscription.id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: subscription.anchor,
    billing_cycle_anchor_config: subscription.anchorConfig && {
      day_of_month: subscription.anchorConfig.dayOfMonth,
      hour: subscription.anchorConfig.hour,
      minute: subscription.anchorConfig.minute,
      month: null,
      second: subscription.anchorConfig.second,
    },
    billing_mode: { flexible: null, type: subscription.billingMode },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: subscription.cancelAtPeriodEnd ? subscription.periodEnd : null,
    cancel_at_period_end: subscription.cancelAtPeriodEnd,
    canceled_at: subscription.canceledAt,
    cancellation_details: null,
    collection_method: subscription.collectionMethod,
    created: subscription.created,
    currency: subscription.currency,
    customer: subscription.customer,
    customer_account: null,
    days_until_due: subscription.daysUntilDue,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: subscription.description,
    discounts: [],
    ended_at: subscription.endedAt,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: {
      object: 'list',
      data: items.map((item) => toSubscriptionItem(account, subscription, item)),
      has_more: false,
      url: `/v1/subscription_items?subscription=${subscription.id}`,
    },
    latest_invoice: subscription.latestInvoice,
    livemode: false,
    managed_payments: null,
    metadata: { ...subscription.metadata },
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: null,
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: subscription.startDate,
    status: subscription.status,
    test_clock: account.customers.get(subscription.customer)?.testClock ?? null,
    transfer_data: null,
    trial_end: null,
    trial_settings: null,
    trial_start: null,
  } satisfies Wire<Stripe.Subscription>;
}

export function toSubscriptionItem(account: Account, subscription: SubscriptionRecord, item: SubscriptionItemRecord) {
  const price = requirePrice(account, item.price);
  return {
    id: item.id,
    object: 'subscription_item',
    billing_thresholds: null,
    created: item.created,
    current_period_end: subscription.periodEnd,
    current_period_start: subscription.periodStart,
    current_trial: null,
    discounts: [],
    metadata: { ...item.metadata },
    plan: toPlan(price),
    price: toPrice(price),
    // Metered items have no quantity.
    ...(item.quantity !== null && { quantity: item.quantity }),
    subscription: subscription.id,
    tax_rates: [],
  } satisfies Wire<Stripe.SubscriptionItem>;
}

/** The legacy twin of a price that items still carry. */
function toPlan(price: PriceRecord) {
  const amount = price.unitAmount;
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: amount !== null && isWhole(amount) ? toWhole(amount) : null,
    amount_decimal: amount,
    billing_scheme: price.tiers ? 'tiered' : 'per_unit',
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.intervalCount ?? 1,
    livemode: false,
    metadata: { ...price.metadata },
    meter: price.recurring?.meter ?? null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: price.tiersMode,
    transform_usage: price.transform && { divide_by: price.transform.divideBy, round: price.transform.round },
    trial_period_days: null,
    usage_type: price.recurring?.usageType ?? 'licensed',
  } satisfies Wire<Stripe.Plan>;
}
