import { refreshMeteredLines } from '../engine/subscription-lines.ts';
import { totalsOf } from '../engine/invoice-totals.ts';
import type { SideAnswer } from '../http/server.ts';
import type { Account } from '../state/account.ts';
import type { InvoiceLineRecord, InvoiceRecord } from '../state/records.ts';
import { escapeHtml, formatAmount, formatDate, formatUnitPrice, page } from './html.ts';

// A person looks at one month; the rest is in the API.
const rowLimit = 500;

/** `/dashboard`: the invoices as a person would look at them. Undefined: not a page of the dashboard. */
export function showDashboard(account: Account, path: string): SideAnswer | undefined {
  if (path === '/' || path === '/dashboard') return html(200, 'Invoices', invoiceList(account));
  const id = /^\/dashboard\/invoices\/(\w+)$/.exec(path)?.[1];
  if (id === undefined) return undefined;
  const invoice = account.invoices.get(id);
  if (!invoice) return html(404, 'Not found', '<p>There is no such invoice in this double.</p>');
  refreshMeteredLines(account, invoice);
  return html(200, `Invoice ${invoice.number ?? 'draft'}`, invoicePage(account, invoice));
}

function invoiceList(account: Account): string {
  const invoices = [...account.invoices.values()].reverse();
  if (invoices.length === 0) return '<p class="empty">No invoices yet.</p>';
  const rows = invoices.slice(0, rowLimit).map((invoice) => {
    refreshMeteredLines(account, invoice);
    const { total } = totalsOf(account, invoice);
    return `<tr>
<td><a href="/dashboard/invoices/${invoice.id}">${escapeHtml(invoice.number ?? 'Draft')}</a></td>
<td>${status(invoice)}</td>
<td>${escapeHtml(customerName(account, invoice))}</td>
<td>${escapeHtml(invoice.description ?? '')}</td>
<td class="number">${invoice.lines.length}</td>
<td class="number">${formatAmount(total, invoice.currency)}</td>
<td>${formatDate(invoice.created)}</td>
</tr>`;
  });
  const more = invoices.length > rowLimit ? `<p>The newest ${rowLimit} of ${invoices.length}.</p>` : '';
  return `<table>
<thead><tr><th>Invoice</th><th>Status</th><th>Customer</th><th>Description</th><th class="number">Lines</th>
<th class="number">Total</th><th>Created</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>${more}`;
}

function invoicePage(account: Account, invoice: InvoiceRecord): string {
  const totals = totalsOf(account, invoice);
  const money = (amount: number): string => formatAmount(amount, invoice.currency);
  const facts: [string, string][] = [
    ['Customer', escapeHtml(customerName(account, invoice))],
    ['Status', status(invoice)],
    ['Created', formatDate(invoice.created)],
    ['Due', invoice.dueDate === null ? '' : formatDate(invoice.dueDate)],
    ['Finalises by itself', invoice.finalizesAt === null ? 'no' : formatDate(invoice.finalizesAt)],
    ['Id', `<code>${escapeHtml(invoice.id)}</code>`],
    ['Metadata', metadata(invoice.metadata)],
  ];
  const sums: [string, number][] = [
    ['Subtotal', totals.subtotal],
    ['Total', totals.total],
    ['Credit notes', -(invoice.prePaymentCredit + invoice.postPaymentCredit)],
    ['Amount paid', invoice.amountPaid],
    ['Amount remaining', totals.amount_remaining],
  ];
  return `<p><a href="/dashboard">All invoices</a></p>
<p>${escapeHtml(invoice.description ?? '')}</p>
<dl>${facts.map(([name, value]) => (value === '' ? '' : `<dt>${name}</dt><dd>${value}</dd>`)).join('')}</dl>
<table>
<thead><tr><th>Description</th><th>Period (UTC)</th><th class="number">Quantity</th><th class="number">Unit price</th>
<th class="number">Amount</th><th>Metadata</th></tr></thead>
<tbody>${invoice.lines.map((line) => lineRow(line, money)).join('\n')}</tbody>
<tfoot>${sums
    .map(
      ([name, amount]) =>
        `<tr><td colspan="4" class="number">${name}</td><td class="number">${money(amount)}</td><td></td></tr>`,
    )
    .join('')}</tfoot>
</table>`;
}

function lineRow({ charge }: InvoiceLineRecord, money: (amount: number) => string): string {
  const unit = charge.pricing?.unitAmountDecimal ?? null;
  return `<tr>
<td>${escapeHtml(charge.description ?? '')}</td>
<td>${formatDate(charge.period.start)} – ${formatDate(charge.period.end)}</td>
<td class="number">${charge.pricing === null ? '' : escapeHtml(charge.quantity)}</td>
<td class="number">${unit === null ? '' : formatUnitPrice(unit, charge.currency)}</td>
<td class="number">${money(charge.amount)}</td>
<td>${metadata(charge.metadata)}</td>
</tr>`;
}

const customerName = (account: Account, invoice: InvoiceRecord): string =>
  account.customers.get(invoice.customer)?.name ?? invoice.customer;

const status = (invoice: InvoiceRecord): string => `<span class="status ${invoice.status}">${invoice.status}</span>`;

const metadata = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `<code>${escapeHtml(key)}: ${escapeHtml(value)}</code>`)
    .join('<br>');

function html(statusCode: number, title: string, body: string): SideAnswer {
  return {
    status: statusCode,
    type: 'text/html; charset=utf-8',
    headers: { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'" },
    body: page(title, body),
  };
}
