import Stripe from 'stripe';
import type { MeteredAmount } from '../../domain/invoicing/metered-price.ts';
import type {
  CatalogProvider,
  NewPrice,
  ProviderCustomer,
  ProviderMeter,
  ProviderPrice,
  ProviderProduct,
} from '../billing-provider.ts';
import { callStripe, type CallOptions } from './call-stripe.ts';
import { listAll, PAGE_SIZE } from './list-all.ts';

type CatalogObjects = Omit<CatalogProvider, 'listSubscriptions' | 'createSubscription' | 'endSubscription'>;

export const createStripeCatalog = (stripe: Stripe, options: CallOptions): CatalogObjects => ({
  ...createCustomersAndProducts(stripe, options),
  ...createMetersAndPrices(stripe, options),
});

const limit = PAGE_SIZE;

const createCustomersAndProducts = (stripe: Stripe, options: CallOptions) =>
  ({
    listCustomers: (metadataKey) =>
      callStripe(async () => {
        const customers = await listAll(stripe.customers.list({ limit }), ({ metadata }) => metadataKey in metadata);
        return customers.map(toCustomer);
      }, options),
    createCustomer: ({ name, metadata }, idempotencyKey) =>
      callStripe(
        async () => toCustomer(await stripe.customers.create({ name, metadata }, { idempotencyKey })),
        options,
      ),
    updateCustomer: (id, { name }) =>
      callStripe(async () => toCustomer(await stripe.customers.update(id, { name })), options),

    listProducts: (metadataKey) =>
      callStripe(async () => {
        const products = await listAll(stripe.products.list({ limit }), ({ metadata }) => metadataKey in metadata);
        return products.map(toProduct);
      }, options),
    createProduct: ({ name, metadata }, idempotencyKey) =>
      callStripe(async () => toProduct(await stripe.products.create({ name, metadata }, { idempotencyKey })), options),
    updateProduct: (id, { name, isActive }) =>
      callStripe(async () => {
        const change = {
          ...(name === undefined ? {} : { name }),
          ...(isActive === undefined ? {} : { active: isActive }),
        };
        return toProduct(await stripe.products.update(id, change));
      }, options),
  }) satisfies Partial<CatalogProvider>;

const createMetersAndPrices = (stripe: Stripe, options: CallOptions) =>
  ({
    listMeters: () =>
      callStripe(async () => (await listAll(stripe.billing.meters.list({ limit }))).map(toMeter), options),
    createMeter: ({ eventName, displayName }, idempotencyKey) =>
      callStripe(async () => {
        const meter = await stripe.billing.meters.create(
          {
            event_name: eventName,
            display_name: displayName,
            default_aggregation: { formula: 'sum' },
            // The last total received for a UTC day replaces the one before; the sum is then over days.
            event_time_window: 'day',
            customer_mapping: { type: 'by_id', event_payload_key: 'stripe_customer_id' },
            value_settings: { event_payload_key: 'value' },
          },
          { idempotencyKey },
        );
        return toMeter(meter);
      }, options),
    updateMeter: (id, { displayName }) =>
      callStripe(async () => toMeter(await stripe.billing.meters.update(id, { display_name: displayName })), options),
    deactivateMeter: (id) => callStripe(async () => toMeter(await stripe.billing.meters.deactivate(id)), options),
    reactivateMeter: (id) => callStripe(async () => toMeter(await stripe.billing.meters.reactivate(id)), options),

    listPrices: (metadataKey) =>
      callStripe(async () => {
        const prices = await listAll(stripe.prices.list({ limit }), ({ metadata }) => metadataKey in metadata);
        return prices.map(toPrice);
      }, options),
    createPrice: (price, idempotencyKey) =>
      callStripe(async () => toPrice(await stripe.prices.create(toPriceParams(price), { idempotencyKey })), options),
    deactivatePrice: (id) =>
      callStripe(async () => toPrice(await stripe.prices.update(id, { active: false })), options),
  }) satisfies Partial<CatalogProvider>;

const toPriceParams = ({ productId, meterId, currency, amount, metadata }: NewPrice): Stripe.PriceCreateParams => ({
  product: productId,
  currency,
  metadata,
  recurring: { interval: 'month', usage_type: 'metered', meter: meterId },
  ...amountParams(amount),
});

const amountParams = (amount: MeteredAmount): Partial<Stripe.PriceCreateParams> => {
  switch (amount.kind) {
    case 'unit':
      return { billing_scheme: 'per_unit', unit_amount_decimal: Stripe.Decimal.from(amount.unitAmount) };
    case 'package':
      return {
        billing_scheme: 'per_unit',
        unit_amount_decimal: Stripe.Decimal.from(amount.amount),
        transform_quantity: { divide_by: Number(amount.size), round: 'up' },
      };
    case 'graduated':
    case 'volume':
      return {
        billing_scheme: 'tiered',
        tiers_mode: amount.kind,
        tiers: amount.tiers.map(({ upTo, unitAmount }) => ({
          up_to: upTo === undefined ? 'inf' : Number(upTo),
          unit_amount_decimal: Stripe.Decimal.from(unitAmount),
        })),
      };
  }
};

const toCustomer = ({ id, name, metadata }: Stripe.Customer): ProviderCustomer => ({ id, name: name ?? '', metadata });

const toProduct = ({ id, name, active, metadata }: Stripe.Product): ProviderProduct => ({
  id,
  name,
  isActive: active,
  metadata,
});

const toMeter = (meter: Stripe.Billing.Meter): ProviderMeter => ({
  id: meter.id,
  eventName: meter.event_name,
  displayName: meter.display_name,
  isActive: meter.status === 'active',
  isDailyTotal:
    meter.event_time_window === 'day' &&
    meter.default_aggregation.formula === 'sum' &&
    meter.customer_mapping.event_payload_key === 'stripe_customer_id' &&
    meter.value_settings.event_payload_key === 'value',
});

const toPrice = (price: Stripe.Price): ProviderPrice => {
  const meterId = price.recurring?.meter ?? undefined;
  return {
    id: price.id,
    productId: typeof price.product === 'string' ? price.product : price.product.id,
    ...(meterId === undefined ? {} : { meterId }),
    currency: price.currency,
    isActive: price.active,
    metadata: price.metadata,
  };
};
