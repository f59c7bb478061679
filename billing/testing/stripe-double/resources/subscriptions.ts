import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage, within } from '../http/list.ts';
import { emitInvoice, finalizeInvoice } from '../engine/invoice-lifecycle.ts';
import { addIntervals, nextAnchor } from '../engine/periods.ts';
import { billPeriod, endSubscription, intervalOf, startSubscription } from '../engine/subscription-cycle.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { AnchorRecord, SubscriptionRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { emit } from '../webhooks/emit.ts';
import { requireCustomer } from './customers.ts';
import { mergeMetadata } from './metadata.ts';
import { changeItem, checkItems, newItem } from './subscription-items.ts';
import { toSubscription } from './subscription-shape.ts';

type Create = Wire<Stripe.SubscriptionCreateParams>;

const customerLimit = 500;

export const subscriptionEndpoints = [
  endpoint('POST /v1/subscriptions', 'SubscriptionCreate', ({ account, params }) => {
    const customer = requireCustomer(account, required(params.customer, 'customer'));
    const live = [...account.subscriptions.values()].filter(
      (each) => each.customer === customer.id && each.status === 'active',
    );
    if (live.length >= customerLimit) {
      throw invalidRequest(`A customer can have at most ${customerLimit} active or scheduled subscriptions.`);
    }
    const now = timeOf(account, customer.id);
    const items = (params.items ?? []).map((item, index) => newItem(account, item, { param: `items[${index}]`, now }));
    const { currency } = checkItems(account, items);
    const collectionMethod = (params.collection_method ??
      'charge_automatically') as SubscriptionRecord['collectionMethod'];
    checkDue(collectionMethod, params.days_until_due);
    const interval = intervalOf(account, { items });
    const { anchor, periodEnd, cycle, anchorConfig } = readAnchor(params, now, interval);
    const startDate = readStartDate(params, now, anchorConfig);
    const subscription: SubscriptionRecord = {
      id: account.ids.next('sub'),
      created: now,
      startDate,
      customer: customer.id,
      currency,
      billingMode: (params.billing_mode?.type ?? 'flexible') as SubscriptionRecord['billingMode'],
      anchorConfig,
      anchor,
      items,
      status: 'active',
      collectionMethod,
      daysUntilDue: params.days_until_due ?? null,
      description: params.description ?? null,
      metadata: mergeMetadata({}, params.metadata),
      periodStart: startDate,
      periodEnd,
      cycle,
      cancelAtPeriodEnd: params.cancel_at_period_end ?? false,
      canceledAt: params.cancel_at_period_end === true ? now : null,
      endedAt: null,
      latestInvoice: null,
    };
    checkPartPeriod(account, subscription, interval, params.proration_behavior);
    account.subscriptions.set(subscription.id, subscription);
    customer.currency ??= currency;
    // A licensed fee is charged in advance; a part of a period to the anchor, when it is not to be prorated, is free.
    if (anchor <= now || cycle > 0) startSubscription(account, subscription);
    emit(account, 'customer.subscription.created', toSubscription(account, subscription));
    return toSubscription(account, subscription);
  }),

  endpoint('GET /v1/subscriptions', 'SubscriptionList', ({ account, params }) => {
    const status = params.status ?? 'not-canceled';
    const subscriptions = newestFirst(account.subscriptions).filter(
      (each) =>
        (params.customer ?? each.customer) === each.customer &&
        (params.price === undefined ||
          each.items.some((item) => item.price === params.price && item.removedAt === null)) &&
        (status === 'all' || status === each.status || (status === 'not-canceled' && each.status !== 'canceled')) &&
        within(each.created, params.created),
    );
    return toPage(subscriptions, params, {
      kind: 'subscription',
      url: '/v1/subscriptions',
      idOf: (each) => each.id,
      toItem: (each) => toSubscription(account, each),
    });
  }),

  endpoint('GET /v1/subscriptions/:id', 'Retrieve', ({ account, id }) =>
    toSubscription(account, requireSubscription(account, id)),
  ),

  endpoint('POST /v1/subscriptions/:id', 'SubscriptionUpdate', ({ account, params, id }) => {
    const subscription = requireLive(account, id);
    const now = timeOf(account, subscription.customer);
    if (params.billing_cycle_anchor !== undefined && params.billing_cycle_anchor.type !== 'unchanged') {
      throw invalidRequest("The Stripe double does not model moving 'billing_cycle_anchor'.", {
        code: 'double_not_modelled',
        param: 'billing_cycle_anchor',
      });
    }
    // On copies, so that a refusal leaves the subscription as it was.
    let items = subscription.items.map((item) => ({ ...item }));
    for (const [index, given] of (params.items ?? []).entries()) {
      items = changeItem(account, items, given, { param: `items[${index}]`, now });
    }
    checkItems(account, items, subscription.currency);
    const collectionMethod = (params.collection_method ??
      subscription.collectionMethod) as SubscriptionRecord['collectionMethod'];
    const daysUntilDue = params.days_until_due ?? subscription.daysUntilDue;
    checkDue(collectionMethod, daysUntilDue ?? undefined);
    Object.assign(subscription, { items, collectionMethod, daysUntilDue });
    if (params.description !== undefined) subscription.description = params.description || null;
    subscription.metadata = mergeMetadata(subscription.metadata, params.metadata);
    if (params.cancel_at_period_end !== undefined) {
      subscription.cancelAtPeriodEnd = params.cancel_at_period_end;
      subscription.canceledAt = params.cancel_at_period_end ? now : null;
    }
    emit(account, 'customer.subscription.updated', toSubscription(account, subscription));
    return toSubscription(account, subscription);
  }),

  /** At once. Usage that was not invoiced is billed only with `invoice_now`: the last days are lost otherwise. */
  endpoint('DELETE /v1/subscriptions/:id', 'SubscriptionCancel', ({ account, params, id }) => {
    const subscription = requireLive(account, id);
    const now = timeOf(account, subscription.customer);
    if (params.invoice_now === true) {
      const period = { start: subscription.periodStart, end: now };
      const invoice = billPeriod(account, subscription, period, 'subscription_update');
      emitInvoice(account, invoice, 'invoice.created');
      finalizeInvoice(account, invoice);
    }
    endSubscription(account, subscription, now);
    return toSubscription(account, subscription);
  }),
];

export function requireSubscription(account: Account, id: string, param = 'id'): SubscriptionRecord {
  const subscription = account.subscriptions.get(id);
  if (!subscription) throw noSuch('subscription', id, param);
  return subscription;
}

export function requireLive(account: Account, id: string, param = 'id'): SubscriptionRecord {
  const subscription = requireSubscription(account, id, param);
  if (subscription.status === 'canceled') throw noSuch('subscription', id, param);
  return subscription;
}

function required(value: string | undefined, param: string): string {
  if (value === undefined)
    throw invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  return value;
}

function checkDue(collectionMethod: string, daysUntilDue: number | undefined): void {
  if ((collectionMethod === 'send_invoice') === (daysUntilDue !== undefined)) return;
  throw invalidRequest('`days_until_due` goes with `collection_method` send_invoice, which needs it.', {
    param: 'days_until_due',
  });
}

interface Anchoring {
  readonly anchor: number;
  readonly anchorConfig: AnchorRecord | null;
  readonly periodEnd: number;
  /** How many intervals after the anchor the first period ends: 0 when it only runs up to the anchor. */
  readonly cycle: number;
}

function readAnchor(params: Create, now: number, interval: Parameters<typeof addIntervals>[1]): Anchoring {
  const config = params.billing_cycle_anchor_config;
  if (config && params.billing_cycle_anchor !== undefined) {
    throw invalidRequest('You may only specify one of: billing_cycle_anchor, billing_cycle_anchor_config.', {
      param: 'billing_cycle_anchor_config',
    });
  }
  if (config) {
    if (config.month !== undefined) {
      throw invalidRequest("The Stripe double does not model 'billing_cycle_anchor_config[month]'.", {
        code: 'double_not_modelled',
        param: 'billing_cycle_anchor_config[month]',
      });
    }
    // Parts that are left out are those of now.
    const at = new Date(now * 1000);
    const anchorConfig: AnchorRecord = {
      dayOfMonth: config.day_of_month,
      hour: config.hour ?? at.getUTCHours(),
      minute: config.minute ?? at.getUTCMinutes(),
      second: config.second ?? at.getUTCSeconds(),
    };
    const anchor = nextAnchor(now, anchorConfig);
    return { anchor, anchorConfig, periodEnd: anchor, cycle: 0 };
  }
  const anchor = params.billing_cycle_anchor;
  if (anchor === undefined)
    return { anchor: now, anchorConfig: null, periodEnd: addIntervals(now, interval, 1), cycle: 1 };
  const latest = addIntervals(now, interval, 1);
  if (anchor <= now || anchor > latest) {
    throw invalidRequest('billing_cycle_anchor must be in the future, within one billing period.', {
      param: 'billing_cycle_anchor',
    });
  }
  return { anchor, anchorConfig: null, periodEnd: anchor, cycle: 0 };
}

/** Backdating within the running period: its usage is on the invoice that ends it. */
function readStartDate(params: Create, now: number, anchorConfig: AnchorRecord | null): number {
  const start = params.backdate_start_date;
  if (start === undefined) return now;
  const param = 'backdate_start_date';
  if (start > now) throw invalidRequest('backdate_start_date must be in the past.', { param });
  if (anchorConfig && nextAnchor(start, anchorConfig) === nextAnchor(now, anchorConfig)) return start;
  throw invalidRequest(
    "The Stripe double models 'backdate_start_date' within the running period of an anchor config.",
    {
      code: 'double_not_modelled',
      param,
    },
  );
}

/** A part of a period to the anchor: its licensed fee would be prorated, which the double does not do. */
function checkPartPeriod(
  account: Account,
  subscription: SubscriptionRecord,
  interval: Parameters<typeof addIntervals>[1],
  behavior: string | undefined,
): void {
  const whole = addIntervals(subscription.anchor, interval, subscription.cycle - 1) === subscription.periodStart;
  const licensed = subscription.items.some(
    (item) => account.prices.get(item.price)?.recurring?.usageType === 'licensed',
  );
  if (whole || !licensed || behavior === 'none') return;
  throw invalidRequest("The Stripe double does not model prorations: use proration_behavior 'none'.", {
    code: 'double_not_modelled',
    param: 'proration_behavior',
  });
}
