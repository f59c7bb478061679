import Stripe from 'stripe';
import type {
  InvoiceHead,
  InvoiceProvider,
  InvoiceStatus,
  NewInvoiceLine,
  ProviderInvoiceLine,
} from '../billing-provider.ts';
import { callStripe, type CallOptions } from './call-stripe.ts';
import { listAll, PAGE_SIZE } from './list-all.ts';

type Invoices = Omit<InvoiceProvider, 'createCreditNote' | 'listCreditNotes'>;

const DAYS_UNTIL_DUE = 30;

export const createStripeInvoices = (stripe: Stripe, options: CallOptions): Invoices => ({
  createInvoice: ({ customerId, currency, description, metadata }, idempotencyKey) =>
    callStripe(async () => {
      const invoice = await stripe.invoices.create(
        {
          customer: customerId,
          currency,
          description,
          metadata,
          auto_advance: false,
          pending_invoice_items_behavior: 'exclude',
          collection_method: 'send_invoice',
          days_until_due: DAYS_UNTIL_DUE,
        },
        { idempotencyKey },
      );
      return toHead(invoice);
    }, options),

  addInvoiceLines: (id, lines, idempotencyKey) =>
    callStripe(
      async () => toHead(await stripe.invoices.addLines(id, { lines: lines.map(toLineParams) }, { idempotencyKey })),
      options,
    ),

  readInvoice: (id) =>
    callStripe(async () => {
      const head = toHead(await stripe.invoices.retrieve(id));
      // The invoice itself carries the first ten only.
      const lines = await listAll(stripe.invoices.listLineItems(id, { limit: PAGE_SIZE }));
      return { ...head, lines: lines.map(toLine) };
    }, options),

  listInvoices: ({ createdFrom, customerId }) =>
    callStripe(async () => {
      const created = { gte: Math.floor(createdFrom / 1000) };
      const customer = customerId === undefined ? {} : { customer: customerId };
      return (await listAll(stripe.invoices.list({ created, limit: PAGE_SIZE, ...customer }))).map(toHead);
    }, options),

  holdInvoice: (id, metadata) =>
    callStripe(async () => toHead(await stripe.invoices.update(id, { auto_advance: false, metadata })), options),

  finalizeInvoice: (id, idempotencyKey) =>
    callStripe(
      // Whether it is sent and collected from here on is the account's setting, not ours.
      async () => toHead(await stripe.invoices.finalizeInvoice(id, {}, { idempotencyKey })),
      options,
    ),
});

const toLineParams = (line: NewInvoiceLine): Stripe.InvoiceAddLinesParams.Line => ({
  description: line.description,
  metadata: line.metadata,
  period: { start: line.period.start / 1000, end: line.period.end / 1000 },
  ...chargeParams(line),
});

const chargeParams = ({ price, currency }: NewInvoiceLine): Partial<Stripe.InvoiceAddLinesParams.Line> => {
  if (price.kind === 'amount') return { amount: toSafeNumber(price.amountMinor) };
  const product =
    'id' in price.product ? { product: price.product.id } : { product_data: { name: price.product.name } };
  return {
    quantity_decimal: Stripe.Decimal.from(price.quantity.toString()),
    price_data: { currency, unit_amount_decimal: Stripe.Decimal.from(price.unitAmount), ...product },
  };
};

const toSafeNumber = (amount: bigint): number => {
  const number = Number(amount);
  if (!Number.isSafeInteger(number)) throw new Error(`The amount ${amount} does not fit into a JSON number.`);
  return number;
};

const toHead = (invoice: Stripe.Invoice): InvoiceHead => {
  const subscription = invoice.parent?.subscription_details?.subscription;
  return {
    id: invoice.id,
    customerId: idOf(invoice.customer) ?? '',
    status: toStatus(invoice.status),
    currency: invoice.currency,
    subtotalMinor: BigInt(invoice.subtotal),
    amountDueMinor: BigInt(invoice.amount_due),
    amountPaidMinor: BigInt(invoice.amount_paid),
    createdAt: invoice.created * 1000,
    ...(subscription === undefined ? {} : { subscriptionId: idOf(subscription) ?? '' }),
    periodStart: invoice.period_start * 1000,
    periodEnd: invoice.period_end * 1000,
    metadata: invoice.metadata ?? {},
  };
};

const statuses: readonly InvoiceStatus[] = ['draft', 'open', 'paid', 'void', 'uncollectible'];

/** An unknown status is treated as final: nothing is changed on such an invoice. */
const toStatus = (status: string | null): InvoiceStatus => statuses.find((known) => known === status) ?? 'open';

const toLine = (line: Stripe.InvoiceLineItem): ProviderInvoiceLine => {
  const details = line.pricing?.price_details;
  const priceId = idOf(details?.price);
  return {
    id: line.id,
    amountMinor: BigInt(line.amount),
    currency: line.currency,
    description: line.description ?? '',
    ...(line.quantity_decimal === null ? {} : { quantity: line.quantity_decimal.toString() }),
    ...(details === undefined ? {} : { productId: details.product }),
    ...(priceId === undefined ? {} : { priceId }),
    metadata: line.metadata,
  };
};

const idOf = (reference: string | { readonly id: string } | null | undefined): string | undefined =>
  typeof reference === 'string' ? reference : reference?.id;
