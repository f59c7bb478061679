import { endpoint } from '../http/endpoint.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { ChargeRecord, InvoiceItemRecord, InvoiceLineRecord, InvoiceRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import { changeCharge, checkCharge, makeCharge, type ChargeParameters } from './charge-parameters.ts';
import { changed, requireDraft, requireInvoice } from './invoice-lookup.ts';
import { toLinePage } from './invoice-shape.ts';
import { mergeMetadata } from './metadata.ts';

/** Stripe's limit of invoice items on one invoice. */
export const lineLimit = 250;

export const invoiceLineEndpoints = [
  endpoint('GET /v1/invoices/:id/lines', 'InvoiceListLineItems', ({ account, params, id }) =>
    toLinePage(requireInvoice(account, id), params),
  ),

  /** All of the lines or none: each is checked before the first is added. */
  endpoint('POST /v1/invoices/:id/add_lines', 'InvoiceAddLines', ({ account, params, id }) => {
    const invoice = requireDraft(account, id);
    checkLineCount(invoice, params.lines.length);
    const now = timeOf(account, invoice.customer);
    for (const [index, line] of params.lines.entries()) {
      const param = `lines[${index}]`;
      checkCharge(account, line, { currency: invoice.currency, param, now });
      if (line.invoice_item !== undefined)
        requireUnassigned(account, invoice, line.invoice_item, `${param}[invoice_item]`);
      else if ((line.amount ?? line.price_data ?? line.pricing?.price) === undefined) {
        throw invalidRequest(`Missing required param: ${param}[amount].`, {
          code: 'parameter_missing',
          param: `${param}[amount]`,
        });
      }
    }
    for (const [index, line] of params.lines.entries()) {
      const context = { currency: invoice.currency, param: `lines[${index}]`, now };
      if (line.invoice_item === undefined) addCharge(account, invoice, makeCharge(account, line, context));
      else {
        const item = requireUnassigned(account, invoice, line.invoice_item, `${context.param}[invoice_item]`);
        changeCharge(account, item.charge, line, context);
        assign(account, invoice, item);
      }
    }
    invoice.metadata = mergeMetadata(invoice.metadata, params.invoice_metadata);
    return changed(account, invoice);
  }),

  endpoint('POST /v1/invoices/:id/update_lines', 'InvoiceUpdateLines', ({ account, params, id }) => {
    const invoice = requireDraft(account, id);
    const now = timeOf(account, invoice.customer);
    const updates = params.lines.map(({ id: lineId, ...given }, index) => {
      const context = { currency: invoice.currency, param: `lines[${index}]`, now };
      checkCharge(account, given, context);
      return { line: requireLine(invoice, lineId, `lines[${index}][id]`), given, context };
    });
    for (const { line, given, context } of updates) updateLine(account, line, given, context);
    invoice.metadata = mergeMetadata(invoice.metadata, params.invoice_metadata);
    return changed(account, invoice);
  }),

  endpoint('POST /v1/invoices/:id/remove_lines', 'InvoiceRemoveLines', ({ account, params, id }) => {
    const invoice = requireDraft(account, id);
    const removals = params.lines.map(({ id: lineId, behavior }, index) => {
      const line = requireLine(invoice, lineId, `lines[${index}][id]`);
      if (line.invoiceItem === null) {
        throw invalidRequest('A line of a subscription cannot be removed.', { param: `lines[${index}][id]` });
      }
      return { line, itemId: line.invoiceItem, behavior };
    });
    for (const { line, itemId, behavior } of removals) {
      invoice.lines = invoice.lines.filter((each) => each !== line);
      const item = account.invoiceItems.get(itemId);
      if (behavior === 'delete') account.invoiceItems.delete(itemId);
      else if (item) item.invoice = null;
    }
    invoice.metadata = mergeMetadata(invoice.metadata, params.invoice_metadata);
    return changed(account, invoice);
  }),
];

export function checkLineCount(invoice: InvoiceRecord, added: number): void {
  if (invoice.lines.length + added <= lineLimit) return;
  throw invalidRequest(
    `An invoice can have at most ${lineLimit} items; this one has ${invoice.lines.length} and ${added} more were given.`,
    { param: 'lines' },
  );
}

/** Puts a charge on the invoice, with the invoice item that Stripe makes for it. */
export function addCharge(account: Account, invoice: InvoiceRecord, charge: ChargeRecord): InvoiceItemRecord {
  const item: InvoiceItemRecord = {
    id: account.ids.next('ii'),
    customer: invoice.customer,
    date: timeOf(account, invoice.customer),
    charge,
    subscription: null,
    invoice: null,
  };
  account.invoiceItems.set(item.id, item);
  assign(account, invoice, item);
  return item;
}

export function assign(
  account: Account,
  invoice: InvoiceRecord,
  item: InvoiceItemRecord,
  { wasPending }: { readonly wasPending: boolean } = { wasPending: false },
): void {
  item.invoice = invoice.id;
  const line: InvoiceLineRecord = {
    id: account.ids.next('il'),
    charge: item.charge,
    invoiceItem: item.id,
    subscriptionItem: null,
    subscription: item.subscription,
    wasPending,
  };
  invoice.lines.push(line);
}

/** Puts what waits for the customer's next invoice on it, newest first; what does not fit goes on waiting. */
export function takePendingItems(account: Account, invoice: InvoiceRecord): void {
  const pending = [...account.invoiceItems.values()].filter(
    (item) =>
      item.customer === invoice.customer &&
      item.invoice === null &&
      item.charge.currency === invoice.currency &&
      (item.subscription === null || item.subscription === invoice.subscription),
  );
  const room = Math.max(0, lineLimit - invoice.lines.length);
  for (const item of pending.reverse().slice(0, room)) assign(account, invoice, item, { wasPending: true });
}

function updateLine(
  account: Account,
  line: InvoiceLineRecord,
  given: ChargeParameters,
  context: { currency: string; param: string; now: number },
): void {
  if (
    line.invoiceItem === null &&
    (given.amount ?? given.quantity ?? given.price_data ?? given.pricing) !== undefined
  ) {
    throw invalidRequest('The amount of a line of a subscription cannot be changed.', { param: context.param });
  }
  changeCharge(account, line.charge, given, context);
}

function requireLine(invoice: InvoiceRecord, id: string, param: string): InvoiceLineRecord {
  const line = invoice.lines.find((each) => each.id === id);
  if (!line) throw noSuch('invoice line item', id, param);
  return line;
}

function requireUnassigned(account: Account, invoice: InvoiceRecord, id: string, param: string): InvoiceItemRecord {
  const item = account.invoiceItems.get(id);
  if (!item || item.customer !== invoice.customer) throw noSuch('invoiceitem', id, param);
  if (item.invoice !== null) throw invalidRequest(`The invoice item ${id} is already on an invoice.`, { param });
  if (item.charge.currency !== invoice.currency) {
    throw invalidRequest(`The invoice item ${id} is in ${item.charge.currency}, not ${invoice.currency}.`, { param });
  }
  return item;
}
