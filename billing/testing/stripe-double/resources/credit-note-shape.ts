import type Stripe from 'stripe';
import { toPage } from '../http/list.ts';
import { isWhole, toWhole } from '../engine/decimal.ts';
import type { CreditNoteLineRecord, CreditNoteRecord } from '../state/records.ts';
import type { Wire } from '../state/wire.ts';

export function toCreditNote(note: CreditNoteRecord) {
  return {
    id: note.id,
    object: 'credit_note',
    amount: note.amount,
    amount_shipping: 0,
    created: note.created,
    currency: note.currency,
    customer: note.customer,
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: note.created,
    invoice: note.invoice,
    lines: toPage(
      note.lines,
      {},
      {
        kind: 'credit note line item',
        url: `/v1/credit_notes/${note.id}/lines`,
        idOf: (line) => line.id,
        toItem: toCreditNoteLine,
      },
    ),
    livemode: false,
    memo: note.memo,
    metadata: { ...note.metadata },
    number: note.number,
    out_of_band_amount: note.outOfBand,
    pdf: `/dashboard/invoices/${note.invoice}`,
    post_payment_amount: note.postPayment,
    pre_payment_amount: note.prePayment,
    pretax_credit_amounts: [],
    reason: note.reason,
    refunds: [],
    shipping_cost: null,
    status: note.voidedAt === null ? 'issued' : 'void',
    subtotal: note.amount,
    subtotal_excluding_tax: note.amount,
    total: note.amount,
    total_excluding_tax: note.amount,
    total_taxes: [],
    type: note.postPayment === 0 ? 'pre_payment' : note.prePayment === 0 ? 'post_payment' : 'mixed',
    voided_at: note.voidedAt,
  } satisfies Wire<Stripe.CreditNote>;
}

export function toCreditNoteLine(line: CreditNoteLineRecord) {
  const unit = line.unitAmountDecimal;
  return {
    id: line.id,
    object: 'credit_note_line_item',
    amount: line.amount,
    description: line.description,
    discount_amount: 0,
    discount_amounts: [],
    ...(line.invoiceLine !== null && { invoice_line_item: line.invoiceLine }),
    livemode: false,
    metadata: line.metadata,
    pretax_credit_amounts: [],
    quantity: line.quantity,
    tax_rates: [],
    taxes: [],
    type: line.kind,
    unit_amount: unit !== null && isWhole(unit) ? toWhole(unit) : null,
    unit_amount_decimal: unit,
  } satisfies Wire<Stripe.CreditNoteLineItem>;
}
