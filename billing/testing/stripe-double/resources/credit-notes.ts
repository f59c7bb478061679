import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage, within } from '../http/list.ts';
import { emitInvoice, markPaid } from '../engine/invoice-lifecycle.ts';
import { totalsOf } from '../engine/invoice-totals.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { CreditNoteRecord, InvoiceRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { emit } from '../webhooks/emit.ts';
import { readCreditLines } from './credit-note-lines.ts';
import { toCreditNote, toCreditNoteLine } from './credit-note-shape.ts';
import { requireInvoice } from './invoice-lookup.ts';
import { mergeMetadata } from './metadata.ts';

type Create = Wire<Stripe.CreditNoteCreateParams>;

export const creditNoteEndpoints = [
  endpoint('POST /v1/credit_notes', 'CreditNoteCreate', ({ account, params }) => {
    const invoice = requireInvoice(account, params.invoice, 'invoice');
    if (invoice.status !== 'open' && invoice.status !== 'paid' && invoice.status !== 'uncollectible') {
      throw invalidRequest(`Credit notes can only be created for finalized invoices; this one is ${invoice.status}.`, {
        param: 'invoice',
      });
    }
    const lines = readCreditLines(account, invoice, params);
    const amount = lines.reduce((sum, line) => sum + line.amount, 0);
    const split = splitAmount(account, invoice, amount, params);
    const note: CreditNoteRecord = {
      id: account.ids.next('cn'),
      created: timeOf(account, invoice.customer),
      number: `${invoice.number ?? invoice.id}-CN-${String(countOf(account, invoice) + 1).padStart(2, '0')}`,
      invoice: invoice.id,
      customer: invoice.customer,
      currency: invoice.currency,
      amount,
      reason: (params.reason ?? null) as CreditNoteRecord['reason'],
      lines,
      ...split,
      memo: params.memo ?? null,
      metadata: mergeMetadata({}, params.metadata),
      voidedAt: null,
    };
    account.creditNotes.set(note.id, note);
    applyNote(account, invoice, note, params.credit_amount ?? 0);
    emit(account, 'credit_note.created', toCreditNote(note));
    return toCreditNote(note);
  }),

  endpoint('GET /v1/credit_notes', 'CreditNoteList', ({ account, params }) => {
    const notes = newestFirst(account.creditNotes).filter(
      (note) =>
        (params.invoice ?? note.invoice) === note.invoice &&
        (params.customer ?? note.customer) === note.customer &&
        within(note.created, params.created),
    );
    const url = '/v1/credit_notes';
    return toPage(notes, params, { kind: 'credit note', url, idOf: (note) => note.id, toItem: toCreditNote });
  }),

  endpoint('GET /v1/credit_notes/:id', 'Retrieve', ({ account, id }) => toCreditNote(requireNote(account, id))),

  endpoint('POST /v1/credit_notes/:id', 'CreditNoteUpdate', ({ account, params, id }) => {
    const note = requireNote(account, id);
    if (params.memo !== undefined) note.memo = params.memo || null;
    note.metadata = mergeMetadata(note.metadata, params.metadata);
    emit(account, 'credit_note.updated', toCreditNote(note));
    return toCreditNote(note);
  }),

  endpoint('GET /v1/credit_notes/:id/lines', 'CreditNoteListLineItems', ({ account, params, id }) => {
    const note = requireNote(account, id);
    const url = `/v1/credit_notes/${id}/lines`;
    return toPage(note.lines, params, {
      kind: 'credit note line item',
      url,
      idOf: (line) => line.id,
      toItem: toCreditNoteLine,
    });
  }),

  endpoint('POST /v1/credit_notes/:id/void', 'CreditNoteVoid', ({ account, id }) => {
    const note = requireNote(account, id);
    const invoice = requireInvoice(account, note.invoice, 'invoice');
    if (note.voidedAt !== null) throw invalidRequest('This credit note is already void.');
    if (note.prePayment === 0 || invoice.status !== 'open') {
      throw invalidRequest('You can only void a credit note on an open invoice.');
    }
    note.voidedAt = timeOf(account, note.customer);
    invoice.prePaymentCredit -= note.prePayment;
    emit(account, 'credit_note.voided', toCreditNote(note));
    return toCreditNote(note);
  }),
];

function requireNote(account: Account, id: string): CreditNoteRecord {
  const note = account.creditNotes.get(id);
  if (!note) throw noSuch('credit note', id);
  return note;
}

const countOf = (account: Account, invoice: InvoiceRecord): number =>
  [...account.creditNotes.values()].filter((note) => note.invoice === invoice.id).length;

/** Before payment a note lowers what is due; after, it says where the money goes, to the unit. */
function splitAmount(
  account: Account,
  invoice: InvoiceRecord,
  amount: number,
  given: Create,
): Pick<CreditNoteRecord, 'prePayment' | 'postPayment' | 'outOfBand'> {
  if (amount <= 0) throw invalidRequest('The amount of a credit note must be greater than 0.', { param: 'amount' });
  const { total, amount_remaining: remaining } = totalsOf(account, invoice);
  const credited = invoice.prePaymentCredit + invoice.postPaymentCredit;
  if (amount > total - credited) {
    throw invalidRequest(
      `The total of the credit note (${amount}) exceeds what is left of the invoice (${total - credited}).`,
      { param: 'amount' },
    );
  }
  const prePayment = Math.min(amount, remaining);
  const postPayment = amount - prePayment;
  const named = (given.refund_amount ?? 0) + (given.credit_amount ?? 0) + (given.out_of_band_amount ?? 0);
  if (named !== postPayment) {
    throw invalidRequest(
      `The sum of credit amount, refund amount and out of band amount (${named}) must equal the post payment amount of the credit note (${postPayment}).`,
    );
  }
  return { prePayment, postPayment, outOfBand: given.out_of_band_amount ?? null };
}

function applyNote(account: Account, invoice: InvoiceRecord, note: CreditNoteRecord, toBalance: number): void {
  invoice.prePaymentCredit += note.prePayment;
  invoice.postPaymentCredit += note.postPayment;
  const customer = account.customers.get(invoice.customer);
  if (customer) customer.balance -= toBalance;
  if (invoice.status === 'open' && totalsOf(account, invoice).amount_remaining === 0) markPaid(account, invoice, 0);
  else emitInvoice(account, invoice, 'invoice.updated');
}
