import Stripe from 'stripe';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startStripeDouble, type StripeDouble } from './start-stripe-double.ts';

let double: StripeDouble;
let stripe: Stripe;
beforeAll(async () => {
  double = await startStripeDouble({ clock: { startSeconds: 1_764_547_200 } });
  stripe = new Stripe('sk_test_double', { ...double.clientOptions, maxNetworkRetries: 0 });
});
afterAll(() => double.close());

it('makes a draft invoice of rated lines', async () => {
  const customer = await stripe.customers.create({ name: 'Acme', metadata: { tenant: 'acme' } });
  const product = await stripe.products.create({ name: 'search' });
  const invoice = await stripe.invoices.create({
    customer: customer.id,
    currency: 'eur',
    auto_advance: false,
    pending_invoice_items_behavior: 'exclude',
  });
  const after = await stripe.invoices.addLines(invoice.id ?? '', {
    lines: Array.from({ length: 12 }, (_, i) => ({
      price_data: { currency: 'eur', product: product.id, unit_amount_decimal: Stripe.Decimal.from('0.05') },
      quantity_decimal: Stripe.Decimal.from('30'),
      metadata: { statement_line: String(i) },
      period: { start: 1_764_547_200 - 86400, end: 1_764_547_200 },
    })),
  });
  expect(after.subtotal).toBe(24);
  expect(after.lines.data).toHaveLength(10);
  expect(after.lines.has_more).toBe(true);
  const all = await stripe.invoices.listLineItems(invoice.id ?? '', { limit: 100 }).autoPagingToArray({ limit: 1000 });
  expect(all).toHaveLength(12);
  const done = await stripe.invoices.finalizeInvoice(invoice.id ?? '', { auto_advance: false, expand: ['customer'] });
  expect(done.status).toBe('open');
  expect((done.customer as Stripe.Customer).name).toBe('Acme');
  const meter = await stripe.billing.meters.create({
    display_name: 'x',
    event_name: 'x',
    default_aggregation: { formula: 'sum' },
    event_time_window: 'day',
  });
  await stripe.billing.meterEvents.create({
    event_name: 'x',
    identifier: 'a',
    timestamp: 1_764_547_200,
    payload: { stripe_customer_id: customer.id, value: '5' },
  });
  await expect(
    stripe.billing.meterEvents.create({
      event_name: 'x',
      identifier: 'a',
      timestamp: 1_764_547_200,
      payload: { stripe_customer_id: customer.id, value: '5' },
    }),
  ).rejects.toThrow(/already exists with identifier/);
  await stripe.billing.meterEvents.create({
    event_name: 'x',
    identifier: 'b',
    timestamp: 1_764_547_200,
    payload: { stripe_customer_id: customer.id, value: '7' },
  });
  const s = await stripe.billing.meters.listEventSummaries(meter.id, {
    customer: customer.id,
    start_time: 1_764_547_200,
    end_time: 1_764_547_200 + 86400,
    value_grouping_window: 'day',
  });
  expect(s.data.map((x) => x.aggregated_value)).toEqual([7]);
});
