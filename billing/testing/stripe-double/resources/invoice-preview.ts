import { endpoint } from '../http/endpoint.ts';
import { refreshMeteredLines } from '../engine/subscription-lines.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { InvoiceRecord } from '../state/records.ts';
import { invalidRequest } from '../state/stripe-failure.ts';
import { checkCharge, makeCharge, type ChargeParameters } from './charge-parameters.ts';
import { requireCustomer } from './customers.ts';
import { checkLineCount } from './invoice-lines.ts';
import { toInvoice } from './invoice-shape.ts';
import { newInvoice } from './invoices.ts';
import { requireLive } from './subscriptions.ts';

export const invoicePreviewEndpoints = [
  /** What would be billed: the usage so far of a subscription's period, and the items given. Nothing is kept. */
  endpoint('POST /v1/invoices/create_preview', 'InvoiceCreatePreview', ({ account, params }) => {
    const subscription =
      params.subscription === undefined ? undefined : requireLive(account, params.subscription, 'subscription');
    const customerId = params.customer ?? subscription?.customer;
    if (customerId === undefined) {
      throw invalidRequest('You must specify a customer or a subscription.', {
        code: 'parameter_missing',
        param: 'customer',
      });
    }
    const customer = requireCustomer(account, customerId);
    const invoice = newInvoice(account, {
      customer: customer.id,
      currency: subscription?.currency ?? params.currency ?? customer.currency ?? account.settings.defaultCurrency,
      ...(subscription && {
        billingReason: 'subscription_cycle',
        subscription: subscription.id,
        periodStart: subscription.periodStart,
        periodEnd: subscription.periodEnd,
      }),
    });
    refreshMeteredLines(account, invoice);
    checkLineCount(invoice, params.invoice_items?.length ?? 0);
    addItems(
      account,
      invoice,
      (params.invoice_items ?? []).map(({ price, ...rest }) => ({
        ...rest,
        ...(price !== undefined && { pricing: { price } }),
      })),
    );
    return { ...toInvoice(account, invoice), id: `upcoming_${invoice.id}` };
  }),
];

function addItems(account: Account, invoice: InvoiceRecord, items: readonly ChargeParameters[]): void {
  const now = timeOf(account, invoice.customer);
  for (const [index, item] of items.entries()) {
    checkCharge(account, item, { currency: invoice.currency, param: `invoice_items[${index}]`, now });
  }
  for (const [index, item] of items.entries()) {
    const context = { currency: invoice.currency, param: `invoice_items[${index}]`, now };
    invoice.lines.push({
      id: account.ids.next('il_tmp'),
      charge: makeCharge(account, item, context),
      invoiceItem: account.ids.next('ii_tmp'),
      subscriptionItem: null,
      subscription: null,
      wasPending: false,
    });
  }
}
