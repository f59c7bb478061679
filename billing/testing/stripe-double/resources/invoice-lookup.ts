import type { Account } from '../state/account.ts';
import type { InvoiceRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import { emitInvoice } from '../engine/invoice-lifecycle.ts';
import { refreshMeteredLines } from '../engine/subscription-lines.ts';
import { toInvoice } from './invoice-shape.ts';

/** The invoice as of now: a draft of a subscription takes in usage until it is finalised. */
export function requireInvoice(account: Account, id: string, param = 'id'): InvoiceRecord {
  const invoice = account.invoices.get(id);
  if (!invoice) throw noSuch('invoice', id, param);
  refreshMeteredLines(account, invoice);
  return invoice;
}

export function requireDraft(account: Account, id: string, param = 'id'): InvoiceRecord {
  const invoice = requireInvoice(account, id, param);
  if (invoice.status !== 'draft') {
    throw invalidRequest(`This invoice is no longer editable: it is ${invoice.status}.`, {
      code: 'invoice_not_editable',
    });
  }
  return invoice;
}

/** Reports a change of the invoice and gives its shape. */
export function changed(
  account: Account,
  invoice: InvoiceRecord,
  event = 'invoice.updated',
): ReturnType<typeof toInvoice> {
  emitInvoice(account, invoice, event);
  return toInvoice(account, invoice);
}
