import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { toPage } from '../http/list.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { PriceRecord, SubscriptionItemRecord, SubscriptionRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { emit } from '../webhooks/emit.ts';
import { mergeMetadata } from './metadata.ts';
import { requirePrice } from './prices.ts';
import { requireLive, requireSubscription } from './subscriptions.ts';
import { toSubscription, toSubscriptionItem } from './subscription-shape.ts';

/** Still the limit in the pinned SDK: "A list of up to 20 subscription items". */
const itemLimit = 20;

interface ItemParameters {
  readonly id?: string;
  readonly price?: string;
  readonly price_data?: object;
  readonly quantity?: number;
  readonly deleted?: boolean;
  readonly metadata?: Readonly<Record<string, string | number | null>> | '' | null;
}

interface ItemContext {
  readonly param: string;
  readonly now: number;
}

export const subscriptionItemEndpoints = [
  endpoint('POST /v1/subscription_items', 'SubscriptionItemCreate', ({ account, params }) => {
    const subscription = requireLive(account, params.subscription, 'subscription');
    const now = timeOf(account, subscription.customer);
    const item = newItem(account, params, { param: '', now });
    checkItems(account, [...subscription.items, item], subscription.currency);
    subscription.items.push(item);
    emit(account, 'customer.subscription.updated', toSubscription(account, subscription));
    return toSubscriptionItem(account, subscription, item);
  }),

  endpoint('GET /v1/subscription_items', 'SubscriptionItemList', ({ account, params }) => {
    const subscription = requireSubscription(account, params.subscription, 'subscription');
    const items = subscription.items.filter((item) => item.removedAt === null);
    return toPage(items, params, {
      kind: 'subscription item',
      url: '/v1/subscription_items',
      idOf: (item) => item.id,
      toItem: (item) => toSubscriptionItem(account, subscription, item),
    });
  }),

  endpoint('DELETE /v1/subscription_items/:id', 'SubscriptionItemDelete', ({ account, params, id }) => {
    const subscription = subscriptionOf(account, id);
    const now = timeOf(account, subscription.customer);
    const removed = { id, deleted: true };
    const items = changeItem(
      account,
      subscription.items.map((item) => ({ ...item })),
      removed,
      { param: '', now },
    );
    // With `clear_usage` what it used in this period is billed to nobody.
    subscription.items = params.clear_usage === true ? items.filter((item) => item.id !== id) : items;
    emit(account, 'customer.subscription.updated', toSubscription(account, subscription));
    return { id, object: 'subscription_item', deleted: true } satisfies Wire<Stripe.DeletedSubscriptionItem>;
  }),
];

function subscriptionOf(account: Account, itemId: string): SubscriptionRecord {
  const found = [...account.subscriptions.values()].find(
    (subscription) =>
      subscription.status === 'active' &&
      subscription.items.some((item) => item.id === itemId && item.removedAt === null),
  );
  if (!found) throw noSuch('subscription item', itemId);
  return found;
}

export function newItem(account: Account, given: ItemParameters, { param, now }: ItemContext): SubscriptionItemRecord {
  const name = nameIn(param);
  if (given.price_data) {
    throw invalidRequest(`The Stripe double does not model '${name('price_data')}' here: create the price first.`, {
      code: 'double_not_modelled',
      param: name('price_data'),
    });
  }
  if (given.price === undefined) {
    throw invalidRequest(`Missing required param: ${name('price')}.`, {
      code: 'parameter_missing',
      param: name('price'),
    });
  }
  const price = requirePrice(account, given.price, name('price'));
  checkPrice(price, given, name);
  return {
    id: account.ids.next('si'),
    created: now,
    price: price.id,
    quantity: price.recurring?.usageType === 'metered' ? null : (given.quantity ?? 1),
    metadata: mergeMetadata({}, given.metadata),
    removedAt: null,
  };
}

function checkPrice(price: PriceRecord, given: ItemParameters, name: (field: string) => string): void {
  if (!price.active) throw invalidRequest(`The price ${price.id} is inactive.`, { param: name('price') });
  if (!price.recurring) {
    throw invalidRequest(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      { param: name('price') },
    );
  }
  if (price.recurring.usageType === 'metered' && given.quantity !== undefined) {
    throw invalidRequest(
      'Quantity should not be specified where usage_type is `metered`. Remove quantity from subscription items.',
      {
        param: name('quantity'),
      },
    );
  }
}

/** Adds, changes or takes off one item; a changed price ends the old item, which is billed for what it used. */
export function changeItem(
  account: Account,
  items: readonly SubscriptionItemRecord[],
  given: ItemParameters,
  { param, now }: ItemContext,
): SubscriptionItemRecord[] {
  if (given.id === undefined) return [...items, newItem(account, given, { param, now })];
  const item = items.find((each) => each.id === given.id && each.removedAt === null);
  if (!item) throw noSuch('subscription item', given.id, nameIn(param)('id'));
  if (given.deleted === true) {
    item.removedAt = now;
    return [...items];
  }
  if (given.price !== undefined && given.price !== item.price) {
    throw invalidRequest(
      "The Stripe double does not model changing an item's price: delete the item and add one at a period's boundary.",
      { code: 'double_not_modelled', param: nameIn(param)('price') },
    );
  }
  if (given.quantity !== undefined) item.quantity = given.quantity;
  item.metadata = mergeMetadata(item.metadata, given.metadata);
  return [...items];
}

/** What must hold of a subscription's items together. */
export function checkItems(
  account: Account,
  items: readonly SubscriptionItemRecord[],
  currency?: string,
): { currency: string } {
  const current = items.filter((item) => item.removedAt === null);
  if (current.length === 0) throw invalidRequest('A subscription must have at least one item.', { param: 'items' });
  if (current.length > itemLimit) {
    throw invalidRequest(`A subscription can have at most ${itemLimit} items; ${current.length} were given.`, {
      param: 'items',
    });
  }
  const prices = current.map((item) => requirePrice(account, item.price));
  const currencies = new Set([...prices.map((price) => price.currency), ...(currency === undefined ? [] : [currency])]);
  if (currencies.size > 1) {
    throw invalidRequest('All prices on a subscription must have the same `currency`.', { param: 'items' });
  }
  if (new Set(prices.map((price) => price.id)).size < prices.length) {
    throw invalidRequest('Subscription items must have different prices.', { param: 'items' });
  }
  const intervals = new Set(prices.map((price) => `${price.recurring?.interval}/${price.recurring?.intervalCount}`));
  if (intervals.size > 1) {
    throw invalidRequest('The Stripe double models one billing interval per subscription.', {
      code: 'double_not_modelled',
      param: 'items',
    });
  }
  return { currency: prices[0]?.currency ?? '' };
}

const nameIn =
  (param: string) =>
  (field: string): string =>
    param === '' ? field : `${param}[${field}]`;
