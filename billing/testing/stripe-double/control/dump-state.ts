import type { Account } from '../state/account.ts';
import type { WebhookDelivery } from '../webhooks/delivery.ts';
import { toInvoice, toLine } from '../resources/invoice-shape.ts';

/** Everything the double knows, for assertions and for a look. Signing secrets stay inside. */
export function dumpState(account: Account, webhooks: WebhookDelivery): object {
  const invoices = [...account.invoices.values()].map((invoice) => ({
    ...toInvoice(account, invoice),
    lines: invoice.lines.map((line) => toLine(invoice.id, line)),
  }));
  return {
    now: account.clock.now(),
    settings: account.settings,
    customers: [...account.customers.values()],
    products: [...account.products.values()],
    prices: [...account.prices.values()],
    meters: [...account.meters.values()],
    meterEvents: account.meterEvents,
    subscriptions: [...account.subscriptions.values()],
    invoiceItems: [...account.invoiceItems.values()],
    invoices,
    creditNotes: [...account.creditNotes.values()],
    testClocks: [...account.testClocks.values()],
    webhookEndpoints: [...account.webhookEndpoints.values()].map(({ secret: _secret, ...rest }) => rest),
    events: [...account.events.values()],
    deliveries: webhooks.deliveries.map(({ event, target, ...rest }) => ({
      event: event.id,
      target: target.url,
      ...rest,
    })),
  };
}
