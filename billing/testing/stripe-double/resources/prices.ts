import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage, within } from '../http/list.ts';
import { isWhole, toWhole } from '../engine/decimal.ts';
import type { Account } from '../state/account.ts';
import type { PriceRecord, TierRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { emit } from '../webhooks/emit.ts';
import { mergeMetadata } from './metadata.ts';
import { readPrice, readUnitAmount } from './price-parameters.ts';

export const priceEndpoints = [
  endpoint('POST /v1/prices', 'PriceCreate', ({ account, params }) => {
    const price = readPrice(account, params);
    claimLookupKey(account, price, params.transfer_lookup_key);
    return toPrice(addPrice(account, price));
  }),

  endpoint('GET /v1/prices', 'PriceList', ({ account, params }) => {
    const prices = newestFirst(account.prices).filter(
      (price) =>
        (params.active ?? price.active) === price.active &&
        (params.product ?? price.product) === price.product &&
        (params.currency ?? price.currency) === price.currency &&
        (params.type ?? typeOf(price)) === typeOf(price) &&
        (params.lookup_keys === undefined || params.lookup_keys.includes(price.lookupKey ?? '')) &&
        (params.recurring?.meter === undefined || params.recurring.meter === price.recurring?.meter) &&
        within(price.created, params.created),
    );
    return toPage(prices, params, { kind: 'price', url: '/v1/prices', idOf: (price) => price.id, toItem: toPrice });
  }),

  endpoint('GET /v1/prices/:id', 'Retrieve', ({ account, id }) => toPrice(requirePrice(account, id, 'id'))),

  // Amounts cannot be changed: their parameters are not in the schema.
  endpoint('POST /v1/prices/:id', 'PriceUpdate', ({ account, params, id }) => {
    const price = requirePrice(account, id, 'id');
    price.active = params.active ?? price.active;
    if (params.nickname !== undefined) price.nickname = params.nickname || null;
    if (params.tax_behavior !== undefined) price.taxBehavior = params.tax_behavior as PriceRecord['taxBehavior'];
    price.metadata = mergeMetadata(price.metadata, params.metadata);
    if (params.lookup_key !== undefined) {
      price.lookupKey = params.lookup_key || null;
      claimLookupKey(account, price, params.transfer_lookup_key);
    }
    emit(account, 'price.updated', toPrice(price));
    return toPrice(price);
  }),
];

export function requirePrice(account: Account, id: string, param = 'price'): PriceRecord {
  const price = account.prices.get(id);
  if (!price) throw noSuch('price', id, param);
  return price;
}

export function addPrice(account: Account, price: PriceRecord): PriceRecord {
  account.prices.set(price.id, price);
  emit(account, 'price.created', toPrice(price));
  return price;
}

export interface InlinePrice {
  readonly currency: string;
  readonly product: string;
  readonly unit_amount?: number;
  readonly unit_amount_decimal?: string;
  readonly tax_behavior?: string;
}

/** The price that `price_data` makes: not active, and there for the line that names it. */
export function createInlinePrice(account: Account, data: InlinePrice, param: string): PriceRecord {
  return addPrice(account, {
    id: account.ids.next('price'),
    created: account.clock.now(),
    currency: data.currency.toLowerCase(),
    product: data.product,
    unitAmount: readUnitAmount(data, `${param}[price_data]`),
    tiers: null,
    tiersMode: null,
    transform: null,
    recurring: null,
    active: false,
    lookupKey: null,
    nickname: null,
    taxBehavior: (data.tax_behavior ?? 'unspecified') as PriceRecord['taxBehavior'],
    metadata: {},
  });
}

function claimLookupKey(account: Account, price: PriceRecord, transfer: boolean | undefined): void {
  if (price.lookupKey === null) return;
  const holder = [...account.prices.values()].find((each) => each !== price && each.lookupKey === price.lookupKey);
  if (!holder) return;
  if (transfer !== true) {
    throw invalidRequest(`A price (\`${holder.id}\`) already uses that lookup key.`, { param: 'lookup_key' });
  }
  holder.lookupKey = null;
}

const typeOf = (price: PriceRecord): 'recurring' | 'one_time' => (price.recurring ? 'recurring' : 'one_time');

export function toPrice(price: PriceRecord) {
  const wire = {
    id: price.id,
    object: 'price',
    active: price.active,
    billing_scheme: price.tiers ? 'tiered' : 'per_unit',
    created: price.created,
    currency: price.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: price.lookupKey,
    metadata: { ...price.metadata },
    nickname: price.nickname,
    product: price.product,
    recurring: price.recurring && {
      interval: price.recurring.interval,
      interval_count: price.recurring.intervalCount,
      meter: price.recurring.meter,
      trial_period_days: null,
      usage_type: price.recurring.usageType,
    },
    tax_behavior: price.taxBehavior,
    tiers_mode: price.tiersMode,
    transform_quantity: price.transform && { divide_by: price.transform.divideBy, round: price.transform.round },
    type: typeOf(price),
    unit_amount: wholeOrNull(price.unitAmount),
    unit_amount_decimal: price.unitAmount,
  } satisfies Wire<Stripe.Price>;
  // Shown only when `expand` asks for it.
  if (price.tiers)
    Object.defineProperty(wire, 'tiers', { value: price.tiers.map(toTier), enumerable: false, configurable: true });
  return wire;
}

function toTier(tier: TierRecord) {
  return {
    flat_amount: wholeOrNull(tier.flatAmount),
    flat_amount_decimal: tier.flatAmount,
    unit_amount: wholeOrNull(tier.unitAmount),
    unit_amount_decimal: tier.unitAmount,
    up_to: tier.upTo,
  } satisfies Wire<Stripe.Price.Tier>;
}

/** Stripe leaves the whole-number field empty where the amount has decimals. */
const wholeOrNull = (amount: string | null): number | null =>
  amount !== null && isWhole(amount) ? toWhole(amount) : null;
