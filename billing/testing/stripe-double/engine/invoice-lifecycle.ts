import { toInvoice } from '../resources/invoice-shape.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { InvoiceRecord } from '../state/records.ts';
import { invalidRequest, StripeFailure } from '../state/stripe-failure.ts';
import { emit } from '../webhooks/emit.ts';
import { totalsOf } from './invoice-totals.ts';

/** Draft to open (or paid, when nothing is due). From here on its lines and amounts are fixed. */
export function finalizeInvoice(account: Account, invoice: InvoiceRecord): void {
  if (invoice.status !== 'draft') {
    throw invalidRequest(`This invoice is already finalized, you can't re-finalize a non-draft invoice.`, {
      code: 'invoice_not_editable',
    });
  }
  const now = timeOf(account, invoice.customer);
  const customer = account.customers.get(invoice.customer);
  const totals = totalsOf(account, invoice);
  if (customer) {
    const settled = totals.total + customer.balance;
    invoice.number = `${customer.invoicePrefix}-${String(customer.nextInvoiceSequence).padStart(4, '0')}`;
    customer.nextInvoiceSequence += 1;
    customer.currency ??= invoice.currency;
    invoice.startingBalance = customer.balance;
    customer.balance = Math.min(0, settled);
    invoice.endingBalance = customer.balance;
  }
  invoice.status = 'open';
  invoice.finalizedAt = now;
  invoice.finalizesAt = null;
  if (invoice.collectionMethod === 'send_invoice') invoice.dueDate ??= now + (invoice.daysUntilDue ?? 30) * 86_400;
  emitInvoice(account, invoice, 'invoice.finalized');
  if (totals.amount_due === 0) markPaid(account, invoice, 0);
  else if (invoice.autoAdvance && invoice.collectionMethod === 'charge_automatically') collect(account, invoice);
}

/** An automatic charge: a failure leaves the invoice open and is only reported. */
function collect(account: Account, invoice: InvoiceRecord): void {
  invoice.attempts += 1;
  const payable = (account.customers.get(invoice.customer)?.defaultPaymentMethod ?? null) !== null;
  if (payable && account.settings.payments === 'succeed')
    markPaid(account, invoice, totalsOf(account, invoice).amount_remaining);
  else emitInvoice(account, invoice, 'invoice.payment_failed');
}

export function payInvoice(
  account: Account,
  invoice: InvoiceRecord,
  { outOfBand = false, paymentMethod }: PayOptions,
): void {
  if (invoice.status === 'draft') finalizeInvoice(account, invoice);
  const status: string = invoice.status;
  if (status === 'paid') throw invalidRequest('Invoice is already paid', { code: 'invoice_already_paid' });
  if (status === 'void') throw invalidRequest('Invoice is void and can no longer be paid.');
  const remaining = totalsOf(account, invoice).amount_remaining;
  if (outOfBand) {
    invoice.amountPaidOffStripe += remaining;
    markPaid(account, invoice, remaining);
    return;
  }
  const method = paymentMethod ?? account.customers.get(invoice.customer)?.defaultPaymentMethod ?? null;
  if (method === null) {
    throw invalidRequest(
      'There is no `default_payment_method` set on this Customer or Invoice. Please set one, or pay with `paid_out_of_band`.',
    );
  }
  invoice.attempts += 1;
  if (account.settings.payments === 'decline') {
    emitInvoice(account, invoice, 'invoice.payment_failed');
    throw new StripeFailure(402, {
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'generic_decline',
      message: 'Your card was declined.',
    });
  }
  markPaid(account, invoice, remaining);
}

export interface PayOptions {
  readonly outOfBand?: boolean | undefined;
  readonly paymentMethod?: string | undefined;
}

export function markPaid(account: Account, invoice: InvoiceRecord, amount: number): void {
  invoice.status = 'paid';
  invoice.amountPaid += amount;
  invoice.paidAt = timeOf(account, invoice.customer);
  emitInvoice(account, invoice, 'invoice.paid');
  emitInvoice(account, invoice, 'invoice.payment_succeeded');
}

export function voidInvoice(account: Account, invoice: InvoiceRecord): void {
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
    throw invalidRequest(
      `You can only pass in open or uncollectible invoices. This invoice isn't open (it is ${invoice.status}).`,
    );
  }
  invoice.status = 'void';
  invoice.voidedAt = timeOf(account, invoice.customer);
  emitInvoice(account, invoice, 'invoice.voided');
}

export function markUncollectible(account: Account, invoice: InvoiceRecord): void {
  if (invoice.status !== 'open')
    throw invalidRequest(`You can only mark open invoices as uncollectible (it is ${invoice.status}).`);
  invoice.status = 'uncollectible';
  invoice.uncollectibleAt = timeOf(account, invoice.customer);
  emitInvoice(account, invoice, 'invoice.marked_uncollectible');
}

export function emitInvoice(account: Account, invoice: InvoiceRecord, type: string): void {
  emit(account, type, toInvoice(account, invoice));
}
