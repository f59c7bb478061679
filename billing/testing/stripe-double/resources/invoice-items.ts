import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage, within } from '../http/list.ts';
import { toWhole } from '../engine/decimal.ts';
import { emitInvoice } from '../engine/invoice-lifecycle.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { CustomerRecord, InvoiceItemRecord, InvoiceRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { emit } from '../webhooks/emit.ts';
import { changeCharge, checkCharge, makeCharge, type ChargeParameters } from './charge-parameters.ts';
import { requireCustomer } from './customers.ts';
import { assign, checkLineCount } from './invoice-lines.ts';
import { requireDraft } from './invoice-lookup.ts';
import { toPricing } from './invoice-shape.ts';
import { requirePrice } from './prices.ts';
import { readCurrency } from './price-parameters.ts';

export const invoiceItemEndpoints = [
  endpoint('POST /v1/invoiceitems', 'InvoiceItemCreate', ({ account, params }) => {
    const { customer, invoice } = placeOf(account, params);
    const given = withPrice(params);
    if ((given.amount ?? given.price_data ?? given.pricing?.price) === undefined) throw missing('amount');
    const currency =
      invoice?.currency ?? currencyOf(account, given) ?? customer.currency ?? account.settings.defaultCurrency;
    const context = { currency, param: '', now: timeOf(account, customer.id) };
    checkCharge(account, given, context);
    const item: InvoiceItemRecord = {
      id: account.ids.next('ii'),
      customer: customer.id,
      date: context.now,
      charge: makeCharge(account, given, context),
      subscription: params.subscription ?? null,
      invoice: null,
    };
    account.invoiceItems.set(item.id, item);
    emit(account, 'invoiceitem.created', toInvoiceItem(account, item));
    if (invoice) {
      assign(account, invoice, item);
      emitInvoice(account, invoice, 'invoice.updated');
    }
    return toInvoiceItem(account, item);
  }),

  endpoint('GET /v1/invoiceitems', 'InvoiceItemList', ({ account, params }) => {
    const items = newestFirst(account.invoiceItems).filter(
      (item) =>
        (params.customer ?? item.customer) === item.customer &&
        (params.invoice === undefined || params.invoice === item.invoice) &&
        (params.pending === undefined || params.pending === (item.invoice === null)) &&
        within(item.date, params.created),
    );
    return toPage(items, params, {
      kind: 'invoiceitem',
      url: '/v1/invoiceitems',
      idOf: (item) => item.id,
      toItem: (item) => toInvoiceItem(account, item),
    });
  }),

  endpoint('GET /v1/invoiceitems/:id', 'Retrieve', ({ account, id }) =>
    toInvoiceItem(account, requireItem(account, id)),
  ),

  endpoint('POST /v1/invoiceitems/:id', 'InvoiceItemUpdate', ({ account, params, id }) => {
    const item = requireEditable(account, id);
    const given = withPrice(params);
    const context = { currency: item.charge.currency, param: '', now: timeOf(account, item.customer) };
    checkCharge(account, given, context);
    changeCharge(account, item.charge, given, context);
    return toInvoiceItem(account, item);
  }),

  endpoint('DELETE /v1/invoiceitems/:id', 'Retrieve', ({ account, id }) => {
    const item = requireEditable(account, id);
    const invoice = item.invoice === null ? undefined : account.invoices.get(item.invoice);
    if (invoice) invoice.lines = invoice.lines.filter((line) => line.invoiceItem !== id);
    account.invoiceItems.delete(id);
    emit(account, 'invoiceitem.deleted', toInvoiceItem(account, item));
    return { id, object: 'invoiceitem', deleted: true } satisfies Wire<Stripe.DeletedInvoiceItem>;
  }),
];

/** Whose item it is, and the draft it goes on; without one it waits. */
function placeOf(
  account: Account,
  given: { customer?: string; invoice?: string },
): { customer: CustomerRecord; invoice: InvoiceRecord | undefined } {
  if (given.customer === undefined) throw missing('customer');
  const customer = requireCustomer(account, given.customer);
  if (given.invoice === undefined) return { customer, invoice: undefined };
  const invoice = requireDraft(account, given.invoice, 'invoice');
  if (invoice.customer !== customer.id) throw noSuch('invoice', invoice.id, 'invoice');
  checkLineCount(invoice, 1);
  return { customer, invoice };
}

const missing = (param: string) =>
  invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });

/** A bare `unit_amount_decimal` needs a product in this API version, which these parameters cannot name. */
function withPrice(given: ChargeParameters): ChargeParameters {
  if (given.unit_amount_decimal === undefined) return given;
  throw invalidRequest("The Stripe double does not model a bare 'unit_amount_decimal': use price_data.", {
    code: 'double_not_modelled',
    param: 'unit_amount_decimal',
  });
}

function currencyOf(account: Account, given: ChargeParameters): string | undefined {
  const named = given.price_data?.currency ?? given.currency;
  if (named !== undefined) return readCurrency(named);
  return given.pricing?.price === undefined ? undefined : requirePrice(account, given.pricing.price).currency;
}

function requireItem(account: Account, id: string): InvoiceItemRecord {
  const item = account.invoiceItems.get(id);
  if (!item) throw noSuch('invoiceitem', id);
  return item;
}

function requireEditable(account: Account, id: string): InvoiceItemRecord {
  const item = requireItem(account, id);
  if (item.invoice !== null) requireDraft(account, item.invoice, 'invoice');
  return item;
}

function toInvoiceItem(account: Account, item: InvoiceItemRecord) {
  const { charge } = item;
  return {
    id: item.id,
    object: 'invoiceitem',
    amount: charge.amount,
    currency: charge.currency,
    customer: item.customer,
    customer_account: null,
    date: item.date,
    description: charge.description,
    discountable: charge.discountable,
    discounts: [],
    invoice: item.invoice,
    livemode: false,
    metadata: { ...charge.metadata },
    net_amount: charge.amount,
    parent:
      item.subscription === null
        ? null
        : { subscription_details: { subscription: item.subscription }, type: 'subscription_details' },
    period: { ...charge.period },
    pricing: toPricing(charge),
    proration: false,
    quantity: toWhole(charge.quantity),
    quantity_decimal: charge.quantity,
    tax_rates: [],
    test_clock: account.customers.get(item.customer)?.testClock ?? null,
  } satisfies Wire<Stripe.InvoiceItem>;
}
