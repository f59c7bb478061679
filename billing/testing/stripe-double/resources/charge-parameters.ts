import { multiplyToMinor, toSafeNumber, toScaled, fromScaled } from '../engine/decimal.ts';
import { rate } from '../engine/rate.ts';
import type { Account } from '../state/account.ts';
import type { ChargePricing, ChargeRecord, PriceRecord } from '../state/records.ts';
import { invalidRequest } from '../state/stripe-failure.ts';
import { mergeMetadata } from './metadata.ts';
import { readCurrency, readUnitAmount } from './price-parameters.ts';
import { createInlinePrice, requirePrice } from './prices.ts';
import { createProduct, requireProduct } from './products.ts';

/** What `addLines`, `updateLines`, `invoiceItems.*` and `createPreview` have in common. */
export interface ChargeParameters {
  readonly amount?: number;
  readonly currency?: string;
  readonly description?: string;
  readonly discountable?: boolean;
  readonly metadata?: Readonly<Record<string, string | number | null>> | '' | null;
  readonly period?: { readonly start: number; readonly end: number };
  readonly price_data?: {
    readonly currency: string;
    readonly product?: string;
    readonly product_data?: { readonly name: string };
    readonly unit_amount?: number;
    readonly unit_amount_decimal?: string;
    readonly tax_behavior?: string;
  };
  readonly pricing?: { readonly price?: string };
  readonly quantity?: number;
  readonly quantity_decimal?: string;
  readonly unit_amount_decimal?: string;
}

export interface ChargeContext {
  /** The invoice's currency; undefined for a pending item, which brings its own. */
  readonly currency?: string | undefined;
  /** Where the parameters stand in the request: `lines[3]`, or '' at the top. */
  readonly param: string;
  readonly now: number;
}

/** Refuses what Stripe would, and changes nothing: a bulk call checks all its lines before the first is made. */
export function checkCharge(account: Account, given: ChargeParameters, { currency, param }: ChargeContext): void {
  const name = (field: string): string => (param === '' ? field : `${param}[${field}]`);
  checkOneOf(given, name);
  if (given.period && given.period.end < given.period.start) {
    throw invalidRequest('The period must not end before it starts.', { param: `${name('period')}[end]` });
  }
  mergeMetadata({}, given.metadata);
  checkPrice(account, given, name);
  const own = given.price_data?.currency ?? given.currency ?? priceOf(account, given, name)?.currency;
  if (own !== undefined && currency !== undefined && readCurrency(own) !== currency) {
    throw invalidRequest(`The currency of the line (${own}) must be that of the invoice (${currency}).`, {
      param: given.price_data ? `${name('price_data')}[currency]` : name('currency'),
    });
  }
}

/** An amount, or one way to name a price; a quantity only with a price. */
function checkOneOf(given: ChargeParameters, name: (field: string) => string): void {
  const priced = [given.amount, given.price_data, given.pricing?.price, given.unit_amount_decimal];
  if (priced.filter((each) => each !== undefined).length > 1) {
    throw invalidRequest(`You may only specify one of: ${name('amount')}, ${name('price_data')}, ${name('pricing')}.`, {
      param: name('amount'),
    });
  }
  if (given.quantity !== undefined && given.quantity_decimal !== undefined) {
    throw invalidRequest(`You may only specify one of: ${name('quantity')}, ${name('quantity_decimal')}.`, {
      param: name('quantity'),
    });
  }
  if (given.amount !== undefined && (given.quantity ?? given.quantity_decimal) !== undefined) {
    throw invalidRequest(`${name('quantity')} cannot be used with ${name('amount')}: give a price instead.`, {
      param: name('quantity'),
    });
  }
}

function checkPrice(account: Account, given: ChargeParameters, name: (field: string) => string): void {
  const data = given.price_data;
  if (data) {
    if ((data.product === undefined) === (data.product_data === undefined)) {
      const param = `${name('price_data')}[product]`;
      throw invalidRequest(`Give one of ${param} and ${name('price_data')}[product_data].`, { param });
    }
    if (data.product !== undefined) requireProduct(account, data.product, `${name('price_data')}[product]`);
    readUnitAmount(data, name('price_data'));
  }
  const price = priceOf(account, given, name);
  if (price?.recurring) {
    throw invalidRequest(
      'The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.',
      { param: name('pricing') },
    );
  }
  if (price && !price.active) throw invalidRequest(`The price ${price.id} is inactive.`, { param: name('pricing') });
}

function priceOf(account: Account, given: ChargeParameters, name: (field: string) => string): PriceRecord | undefined {
  if (given.pricing?.price === undefined) return undefined;
  return requirePrice(account, given.pricing.price, `${name('pricing')}[price]`);
}

/** The charge that checked parameters describe; makes the inline product and price. */
export function makeCharge(
  account: Account,
  given: ChargeParameters,
  context: ChargeContext & { currency: string },
): ChargeRecord {
  const { now } = context;
  const charge: ChargeRecord = {
    amount: given.amount ?? 0,
    currency: context.currency,
    description: null,
    discountable: given.discountable ?? true,
    metadata: {},
    period: { start: now, end: now },
    pricing: null,
    quantity: '1',
  };
  changeCharge(account, charge, given, context);
  return charge;
}

/** Applies checked parameters to a charge, and rates it again: one rounding, after quantity times price. */
export function changeCharge(
  account: Account,
  charge: ChargeRecord,
  given: ChargeParameters,
  { param }: ChargeContext,
): void {
  const quantity = given.quantity_decimal ?? given.quantity;
  if (quantity !== undefined) charge.quantity = fromScaled(toScaled(quantity));
  if (given.description !== undefined) charge.description = given.description || null;
  if (given.discountable !== undefined) charge.discountable = given.discountable;
  if (given.period) charge.period = { ...given.period };
  charge.metadata = mergeMetadata(charge.metadata, given.metadata);
  if (given.amount !== undefined) {
    charge.amount = given.amount;
    charge.pricing = null;
    charge.quantity = '1';
    return;
  }
  charge.pricing = pricingOf(account, charge, given, param);
  if (charge.pricing) charge.amount = amountOf(account, charge.pricing, charge.quantity);
}

function pricingOf(
  account: Account,
  charge: ChargeRecord,
  given: ChargeParameters,
  param: string,
): ChargePricing | null {
  const { price_data: data } = given;
  if (data) {
    const product =
      data.product ?? createProduct(account, data.product_data?.name ?? '', { id: undefined, changes: {} }).id;
    const price = createInlinePrice(account, { ...data, product }, param);
    charge.description ??= account.products.get(product)?.name ?? null;
    return { price: price.id, product, unitAmountDecimal: price.unitAmount };
  }
  if (given.pricing?.price === undefined) return charge.pricing;
  const price = requirePrice(account, given.pricing.price);
  charge.description ??= account.products.get(price.product)?.name ?? null;
  return { price: price.id, product: price.product, unitAmountDecimal: price.unitAmount };
}

function amountOf(account: Account, pricing: ChargePricing, quantity: string): number {
  const price = account.prices.get(pricing.price);
  if (price && (price.transform || price.tiers))
    return rate(price, quantity).reduce((sum, part) => sum + part.amount, 0);
  return toSafeNumber(multiplyToMinor(toScaled(quantity), toScaled(pricing.unitAmountDecimal ?? '0')));
}
