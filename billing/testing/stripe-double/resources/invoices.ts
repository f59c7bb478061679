import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage, within } from '../http/list.ts';
import {
  emitInvoice,
  finalizeInvoice,
  markUncollectible,
  payInvoice,
  voidInvoice,
} from '../engine/invoice-lifecycle.ts';
import { refreshMeteredLines } from '../engine/subscription-lines.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { InvoiceRecord } from '../state/records.ts';
import { invalidRequest } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { requireCustomer } from './customers.ts';
import { takePendingItems } from './invoice-lines.ts';
import { changed, requireDraft, requireInvoice } from './invoice-lookup.ts';
import { toInvoice } from './invoice-shape.ts';
import { mergeMetadata } from './metadata.ts';
import { readCurrency } from './price-parameters.ts';

type Changes = Wire<Stripe.InvoiceUpdateParams>;

export const invoiceEndpoints = [
  endpoint('POST /v1/invoices', 'InvoiceCreate', ({ account, params }) => {
    if (params.subscription !== undefined) {
      throw invalidRequest("The Stripe double does not model 'subscription' on invoices.create.", {
        code: 'double_not_modelled',
        param: 'subscription',
      });
    }
    if (params.customer === undefined) {
      throw invalidRequest('Missing required param: customer.', { code: 'parameter_missing', param: 'customer' });
    }
    const customer = requireCustomer(account, params.customer);
    const currency = readCurrency(params.currency ?? customer.currency ?? account.settings.defaultCurrency);
    const invoice = newInvoice(account, { customer: customer.id, currency });
    change(account, invoice, params);
    if (params.pending_invoice_items_behavior === 'include') takePendingItems(account, invoice);
    account.invoices.set(invoice.id, invoice);
    emitInvoice(account, invoice, 'invoice.created');
    return toInvoice(account, invoice);
  }),

  endpoint('GET /v1/invoices', 'InvoiceList', ({ account, params }) => {
    const invoices = newestFirst(account.invoices).filter(
      (invoice) =>
        (params.customer ?? invoice.customer) === invoice.customer &&
        (params.subscription === undefined || params.subscription === invoice.subscription) &&
        (params.status ?? invoice.status) === invoice.status &&
        (params.collection_method ?? invoice.collectionMethod) === invoice.collectionMethod &&
        within(invoice.created, params.created) &&
        (params.due_date === undefined || within(invoice.dueDate ?? 0, params.due_date)),
    );
    for (const invoice of invoices) refreshMeteredLines(account, invoice);
    return toPage(invoices, params, {
      kind: 'invoice',
      url: '/v1/invoices',
      idOf: (invoice) => invoice.id,
      toItem: (invoice) => toInvoice(account, invoice),
    });
  }),

  endpoint('GET /v1/invoices/:id', 'Retrieve', ({ account, id }) => toInvoice(account, requireInvoice(account, id))),

  endpoint('POST /v1/invoices/:id', 'InvoiceUpdate', ({ account, params, id }) => {
    const invoice = requireInvoice(account, id);
    const { metadata, auto_advance, expand: _expand, ...rest } = params;
    // Of a finalised invoice, what does not touch the document itself.
    if (invoice.status !== 'draft' && Object.keys(rest).length > 0) requireDraft(account, id);
    change(account, invoice, {
      ...rest,
      ...(metadata !== undefined && { metadata }),
      ...(auto_advance !== undefined && { auto_advance }),
    });
    return changed(account, invoice);
  }),

  endpoint('DELETE /v1/invoices/:id', 'Retrieve', ({ account, id }) => {
    const invoice = requireDraft(account, id);
    if (invoice.subscription !== null)
      throw invalidRequest('You cannot delete the invoice of a subscription: void it.');
    for (const line of invoice.lines) if (line.invoiceItem !== null) account.invoiceItems.delete(line.invoiceItem);
    account.invoices.delete(id);
    emitInvoice(account, invoice, 'invoice.deleted');
    return { id, object: 'invoice', deleted: true } satisfies Wire<Stripe.DeletedInvoice>;
  }),

  endpoint('POST /v1/invoices/:id/finalize', 'InvoiceFinalize', ({ account, params, id }) => {
    const invoice = requireInvoice(account, id);
    const before = invoice.autoAdvance;
    if (params.auto_advance !== undefined) invoice.autoAdvance = params.auto_advance;
    try {
      finalizeInvoice(account, invoice);
    } catch (error) {
      invoice.autoAdvance = before;
      throw error;
    }
    return toInvoice(account, invoice);
  }),

  endpoint('POST /v1/invoices/:id/pay', 'InvoicePay', ({ account, params, id }) => {
    const invoice = requireInvoice(account, id);
    payInvoice(account, invoice, { outOfBand: params.paid_out_of_band, paymentMethod: params.payment_method });
    return toInvoice(account, invoice);
  }),

  endpoint('POST /v1/invoices/:id/void', 'InvoiceVoid', ({ account, id }) => {
    const invoice = requireInvoice(account, id);
    voidInvoice(account, invoice);
    return toInvoice(account, invoice);
  }),

  endpoint('POST /v1/invoices/:id/send', 'InvoiceSend', ({ account, id }) => {
    const invoice = requireInvoice(account, id);
    if (invoice.collectionMethod !== 'send_invoice') {
      throw invalidRequest('You can only manually send an invoice if its collection method is `send_invoice`.');
    }
    if (invoice.status === 'draft') finalizeInvoice(account, invoice);
    return changed(account, invoice, 'invoice.sent');
  }),

  endpoint('POST /v1/invoices/:id/mark_uncollectible', 'InvoiceMarkUncollectible', ({ account, id }) => {
    const invoice = requireInvoice(account, id);
    markUncollectible(account, invoice);
    return toInvoice(account, invoice);
  }),
];

/** An empty draft, not yet among the account's. */
export function newInvoice(
  account: Account,
  given: Pick<InvoiceRecord, 'customer' | 'currency'> & Partial<InvoiceRecord>,
): InvoiceRecord {
  const now = timeOf(account, given.customer);
  return {
    id: account.ids.next('in'),
    created: now,
    billingReason: 'manual',
    subscription: null,
    periodStart: now,
    periodEnd: now,
    status: 'draft',
    autoAdvance: false,
    finalizesAt: null,
    collectionMethod: 'charge_automatically',
    daysUntilDue: null,
    dueDate: null,
    description: null,
    footer: null,
    number: null,
    customFields: null,
    metadata: {},
    lines: [],
    amountPaid: 0,
    amountPaidOffStripe: 0,
    attempts: 0,
    startingBalance: 0,
    endingBalance: null,
    prePaymentCredit: 0,
    postPaymentCredit: 0,
    finalizedAt: null,
    paidAt: null,
    voidedAt: null,
    uncollectibleAt: null,
    ...given,
  };
}

function change(account: Account, invoice: InvoiceRecord, given: Changes): void {
  if (given.collection_method !== undefined) {
    invoice.collectionMethod = given.collection_method as InvoiceRecord['collectionMethod'];
  }
  if (given.days_until_due !== undefined || given.due_date !== undefined) {
    if (invoice.collectionMethod !== 'send_invoice') {
      throw invalidRequest('You can only specify a due date if collection_method is `send_invoice`.', {
        param: 'due_date',
      });
    }
    invoice.daysUntilDue = given.days_until_due ?? null;
    invoice.dueDate = given.due_date ?? null;
  }
  if (given.auto_advance !== undefined) setAutoAdvance(account, invoice, given.auto_advance);
  if (given.description !== undefined) invoice.description = given.description || null;
  if (given.footer !== undefined) invoice.footer = given.footer || null;
  if (given.custom_fields !== undefined) invoice.customFields = given.custom_fields || null;
  invoice.metadata = mergeMetadata(invoice.metadata, given.metadata);
}

/** A draft that advances by itself is finalised after the grace that the account sets. */
export function setAutoAdvance(account: Account, invoice: InvoiceRecord, autoAdvance: boolean): void {
  invoice.autoAdvance = autoAdvance;
  if (invoice.status !== 'draft') return;
  const earliest = invoice.created + account.settings.finalizationGraceSeconds;
  invoice.finalizesAt = autoAdvance ? Math.max(earliest, timeOf(account, invoice.customer)) : null;
}
