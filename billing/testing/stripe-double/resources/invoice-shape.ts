import type Stripe from 'stripe';
import { toPage, type PageParameters } from '../http/list.ts';
import { isWhole, toWhole } from '../engine/decimal.ts';
import { totalsOf } from '../engine/invoice-totals.ts';
import type { Account } from '../state/account.ts';
import type { ChargeRecord, InvoiceLineRecord, InvoiceRecord } from '../state/records.ts';
import type { Wire } from '../state/wire.ts';

export function toInvoice(account: Account, invoice: InvoiceRecord) {
  const customer = account.customers.get(invoice.customer);
  const totals = totalsOf(account, invoice);
  const finalized = invoice.status !== 'draft';
  return {
    id: invoice.id,
    object: 'invoice',
    account_country: account.settings.country,
    account_name: account.settings.name,
    account_tax_ids: null,
    ...totals,
    amount_overpaid: 0,
    amount_paid: invoice.amountPaid,
    amount_paid_off_stripe: invoice.amountPaidOffStripe,
    amount_shipping: 0,
    application: null,
    attempt_count: invoice.attempts,
    attempted: invoice.attempts > 0,
    auto_advance: invoice.autoAdvance,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: invoice.status === 'draft' ? invoice.finalizesAt : null,
    billing_reason: invoice.billingReason,
    collection_method: invoice.collectionMethod,
    created: invoice.created,
    currency: invoice.currency,
    custom_fields: invoice.customFields,
    customer: invoice.customer,
    customer_account: null,
    customer_address: customer?.address ?? null,
    customer_email: customer?.email ?? null,
    customer_name: customer?.name ?? null,
    customer_phone: customer?.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: invoice.description,
    discounts: [],
    due_date: invoice.dueDate,
    effective_at: invoice.finalizedAt,
    ending_balance: invoice.endingBalance,
    footer: invoice.footer,
    from_invoice: null,
    // Relative: the double has no public address. The page is the double's own view of the invoice.
    hosted_invoice_url: finalized ? `/dashboard/invoices/${invoice.id}` : null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: toPage(invoice.lines, {}, lineList(invoice.id)),
    livemode: false,
    metadata: { ...invoice.metadata },
    next_payment_attempt: null,
    number: invoice.number,
    on_behalf_of: null,
    parent:
      invoice.subscription === null
        ? null
        : {
            quote_details: null,
            subscription_details: {
              metadata: { ...account.subscriptions.get(invoice.subscription)?.metadata },
              subscription: invoice.subscription,
            },
            type: 'subscription_details',
          },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: invoice.periodEnd,
    period_start: invoice.periodStart,
    post_payment_credit_notes_amount: invoice.postPaymentCredit,
    pre_payment_credit_notes_amount: invoice.prePaymentCredit,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    statement_descriptor: null,
    status: invoice.status,
    status_transitions: {
      finalized_at: invoice.finalizedAt,
      marked_uncollectible_at: invoice.uncollectibleAt,
      paid_at: invoice.paidAt,
      voided_at: invoice.voidedAt,
    },
    test_clock: customer?.testClock ?? null,
    total_discount_amounts: [],
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: invoice.created,
  } satisfies Wire<Stripe.Invoice>;
}

const lineList = (invoiceId: string) => ({
  kind: 'invoice line item',
  url: `/v1/invoices/${invoiceId}/lines`,
  idOf: (line: InvoiceLineRecord) => line.id,
  toItem: (line: InvoiceLineRecord) => toLine(invoiceId, line),
});

/** A page of an invoice's lines; the invoice itself carries the first ten. */
export function toLinePage(invoice: InvoiceRecord, params: PageParameters) {
  return toPage(invoice.lines, params, lineList(invoice.id));
}

export function toLine(invoiceId: string, line: InvoiceLineRecord) {
  const { charge } = line;
  return {
    id: line.id,
    object: 'line_item',
    amount: charge.amount,
    currency: charge.currency,
    description: charge.description,
    discount_amounts: [],
    discountable: charge.discountable,
    discounts: [],
    invoice: invoiceId,
    livemode: false,
    metadata: { ...charge.metadata },
    parent: toParent(line),
    period: { ...charge.period },
    pretax_credit_amounts: [],
    pricing: toPricing(charge),
    quantity: isWhole(charge.quantity) ? toWhole(charge.quantity) : null,
    quantity_decimal: charge.quantity,
    subscription: line.subscription,
    subtotal: charge.amount,
    taxes: [],
  } satisfies Wire<Stripe.InvoiceLineItem>;
}

function toParent(line: InvoiceLineRecord) {
  if (line.invoiceItem !== null) {
    return {
      invoice_item_details: {
        invoice_item: line.invoiceItem,
        proration: false,
        proration_details: null,
        subscription: line.subscription,
      },
      subscription_item_details: null,
      type: 'invoice_item_details',
    } satisfies Wire<Stripe.InvoiceLineItem.Parent>;
  }
  return {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: false,
      proration_details: null,
      subscription: line.subscription,
      subscription_item: line.subscriptionItem ?? '',
    },
    type: 'subscription_item_details',
  } satisfies Wire<Stripe.InvoiceLineItem.Parent>;
}

export function toPricing(charge: ChargeRecord) {
  const { pricing } = charge;
  if (pricing === null) {
    // A line of a plain amount: its unit is the line.
    return {
      type: 'price_details',
      unit_amount_decimal: String(charge.amount),
    } satisfies Wire<Stripe.InvoiceLineItem.Pricing>;
  }
  return {
    price_details: { price: pricing.price, product: pricing.product },
    type: 'price_details',
    unit_amount_decimal: pricing.unitAmountDecimal,
  } satisfies Wire<Stripe.InvoiceLineItem.Pricing>;
}
