/**
 * A second opinion on the shape of each request that billing sends, and of the answers: stripe-mock checks and builds them
 * by Stripe's own OpenAPI description. It keeps no state, so it says nothing about what the requests do.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStripeDouble, type StripeDouble } from '../start-stripe-double.ts';
import { clientOf, decimal, refusalOf } from './targets.ts';

type Call = (stripe: Stripe) => Promise<unknown>;

const period = { start: 1_793_491_200, end: 1_796_083_200 };
const metadata = { tenant: 'acme', environment: 'test' };

const calls: readonly (readonly [string, Call])[] = [
  ['a customer', (stripe) => stripe.customers.create({ name: 'Acme', metadata })],
  ['a new name of a customer', (stripe) => stripe.customers.update('cus_1', { name: 'Acme' })],
  ['all customers', (stripe) => stripe.customers.list({ limit: 100, starting_after: 'cus_1' })],
  ['a product', (stripe) => stripe.products.create({ name: 'search', metadata })],
  ['a product that is no longer sold', (stripe) => stripe.products.update('prod_1', { active: false })],
  ['all products', (stripe) => stripe.products.list({ limit: 100 })],
  [
    'a daily meter',
    (stripe) =>
      stripe.billing.meters.create({
        event_name: 'search',
        display_name: 'search',
        default_aggregation: { formula: 'sum' },
        event_time_window: 'day',
        customer_mapping: { type: 'by_id', event_payload_key: 'stripe_customer_id' },
        value_settings: { event_payload_key: 'value' },
      }),
  ],
  ['a new name of a meter', (stripe) => stripe.billing.meters.update('mtr_1', { display_name: 'search' })],
  ['the end of a meter', (stripe) => stripe.billing.meters.deactivate('mtr_1')],
  ['its return', (stripe) => stripe.billing.meters.reactivate('mtr_1')],
  ['all meters', (stripe) => stripe.billing.meters.list({ limit: 100 })],
  [
    'a daily total',
    (stripe) =>
      stripe.billing.meterEvents.create({
        event_name: 'search',
        identifier: 'test:acme:search:2026-11-01:r1',
        timestamp: period.start,
        payload: { stripe_customer_id: 'cus_1', value: '120' },
      }),
  ],
  [
    'what a meter counted by day',
    (stripe) =>
      stripe.billing.meters.listEventSummaries('mtr_1', {
        customer: 'cus_1',
        start_time: period.start,
        end_time: period.end,
        value_grouping_window: 'day',
        limit: 100,
      }),
  ],
  [
    'the cancelling of an event',
    (stripe) =>
      stripe.billing.meterEventAdjustments.create({
        event_name: 'search',
        type: 'cancel',
        cancel: { identifier: 'i' },
      }),
  ],
  [
    'a metered price per unit',
    (stripe) =>
      stripe.prices.create({
        product: 'prod_1',
        currency: 'eur',
        billing_scheme: 'per_unit',
        unit_amount_decimal: decimal('0.05'),
        recurring: { interval: 'month', usage_type: 'metered', meter: 'mtr_1' },
        metadata,
      }),
  ],
  [
    'a price by packages',
    (stripe) =>
      stripe.prices.create({
        product: 'prod_1',
        currency: 'eur',
        unit_amount_decimal: decimal('100'),
        transform_quantity: { divide_by: 1000, round: 'up' },
        recurring: { interval: 'month', usage_type: 'metered', meter: 'mtr_1' },
      }),
  ],
  [
    'a graduated price',
    (stripe) =>
      stripe.prices.create({
        product: 'prod_1',
        currency: 'eur',
        billing_scheme: 'tiered',
        tiers_mode: 'graduated',
        tiers: [
          { up_to: 1000, unit_amount_decimal: decimal('0') },
          { up_to: 'inf', unit_amount_decimal: decimal('0.5') },
        ],
        recurring: { interval: 'month', usage_type: 'metered', meter: 'mtr_1' },
      }),
  ],
  ['a price that is no longer offered', (stripe) => stripe.prices.update('price_1', { active: false })],
  ['all prices', (stripe) => stripe.prices.list({ limit: 100, active: true })],
  [
    'a subscription',
    (stripe) =>
      stripe.subscriptions.create({
        customer: 'cus_1',
        items: [{ price: 'price_1' }],
        billing_mode: { type: 'flexible' },
        billing_cycle_anchor_config: { day_of_month: 1, hour: 0, minute: 0, second: 0 },
        proration_behavior: 'none',
        collection_method: 'send_invoice',
        days_until_due: 30,
        metadata,
      }),
  ],
  [
    'other items of a subscription',
    (stripe) =>
      stripe.subscriptions.update('sub_1', {
        items: [{ price: 'price_2' }, { id: 'si_1', deleted: true }],
        proration_behavior: 'none',
      }),
  ],
  [
    'the end of a subscription',
    (stripe) => stripe.subscriptions.cancel('sub_1', { invoice_now: true, prorate: false }),
  ],
  ['all subscriptions', (stripe) => stripe.subscriptions.list({ limit: 100, status: 'active' })],
  [
    'a draft invoice',
    (stripe) =>
      stripe.invoices.create({
        customer: 'cus_1',
        currency: 'eur',
        description: 'November 2026',
        metadata,
        auto_advance: false,
        pending_invoice_items_behavior: 'exclude',
        collection_method: 'send_invoice',
        days_until_due: 30,
      }),
  ],
  [
    'all lines of an invoice',
    (stripe) =>
      stripe.invoices.addLines('in_1', {
        lines: [
          {
            description: 'search',
            price_data: { currency: 'eur', product: 'prod_1', unit_amount_decimal: decimal('0.05') },
            quantity_decimal: decimal('120'),
            period,
            metadata,
          },
          { amount: -50, description: 'Adjustment', period, metadata },
        ],
      }),
  ],
  ['the hold of an invoice', (stripe) => stripe.invoices.update('in_1', { auto_advance: false, metadata })],
  ['an invoice', (stripe) => stripe.invoices.retrieve('in_1')],
  ['its lines', (stripe) => stripe.invoices.listLineItems('in_1', { limit: 100 })],
  [
    'invoices since',
    (stripe) => stripe.invoices.list({ created: { gte: period.start }, customer: 'cus_1', limit: 100 }),
  ],
  ['the finalisation of an invoice', (stripe) => stripe.invoices.finalizeInvoice('in_1', { auto_advance: false })],
  [
    'a preview',
    (stripe) => stripe.invoices.createPreview({ customer: 'cus_1', invoice_items: [{ amount: 1, currency: 'eur' }] }),
  ],
  [
    'a credit note',
    (stripe) =>
      stripe.creditNotes.create({
        invoice: 'in_1',
        lines: [{ type: 'custom_line_item', description: 'Correction', quantity: 1, unit_amount: 100 }],
        memo: 'Correction',
        metadata,
        credit_amount: 100,
      }),
  ],
  ['credit notes of an invoice', (stripe) => stripe.creditNotes.list({ invoice: 'in_1', limit: 100 })],
  ['recent events', (stripe) => stripe.events.list({ types: ['invoice.paid'], limit: 100 })],
];

const insideList = 'inside a line';

const unknown: readonly (readonly [string, Call])[] = [
  ['on a customer', (stripe) => stripe.customers.create({ nmae: 'Acme' } as never)],
  [insideList, (stripe) => stripe.invoices.addLines('in_1', { lines: [{ amuont: 1 } as never] })],
  ['in a new amount of a price', (stripe) => stripe.prices.update('price_1', { unit_amount: 1 } as never)],
  [
    'in a new window of a meter',
    (stripe) => stripe.billing.meters.update('mtr_1', { event_time_window: 'hour' } as never),
  ],
];

describe('The double', () => {
  let double: StripeDouble | undefined;
  beforeAll(async () => {
    double = await startStripeDouble();
  });
  afterAll(() => double?.close());
  const client = (): Stripe => {
    if (!double) throw new Error('not started');
    return clientOf(double);
  };

  it.each(calls)('knows the shape of %s', async (_name, call) => {
    const refusal = await call(client()).then(
      () => undefined,
      (error: unknown) => error as Stripe.errors.StripeError,
    );
    // There is nothing in it, so that what is asked for may be missing; the shape was read before.
    if (refusal) expect(refusal.code).toBe('resource_missing');
  });

  it.each(unknown)('refuses an unknown parameter %s', async (_name, call) => {
    expect((await refusalOf(call(client()))).code).toBe('parameter_unknown');
  });
});

const binary = findStripeMock();

describe.skipIf(binary === undefined)(
  binary === undefined ? 'stripe-mock (skipped: not on PATH nor in ~/go/bin)' : 'stripe-mock',
  () => {
    let mock: ChildProcess | undefined;
    let stripe: Stripe | undefined;
    beforeAll(async () => {
      const started = await startStripeMock(binary ?? '');
      mock = started.process;
      stripe = new Stripe('sk_test_123', {
        host: '127.0.0.1',
        port: started.port,
        protocol: 'http',
        telemetry: false,
        maxNetworkRetries: 0,
      });
    });
    afterAll(() => mock?.kill());
    const client = (): Stripe => {
      if (!stripe) throw new Error('not started');
      return stripe;
    };

    it.each(calls)('knows the shape of %s', async (_name, call) => {
      await expect(call(client())).resolves.toBeDefined();
    });

    it('answers with no field that the double lacks', async () => {
      const double = await startStripeDouble();
      const ours = await objectsOf(clientOf(double));
      await double.close();
      const theirs = await objectsOf(client());
      const lacking = Object.entries(theirs).flatMap(([kind, object]) => {
        const known = [...Object.keys(ours[kind] ?? {}), ...(absent[kind] ?? [])];
        return Object.keys(object ?? {})
          .filter((field) => !known.includes(field))
          .map((field) => `${kind}.${field}`);
      });
      expect(lacking).toEqual([]);
    });

    // It does not look inside lists.
    it.each(unknown.filter(([name]) => name !== insideList))('refuses an unknown parameter %s', async (_name, call) => {
      expect((await refusalOf(call(client()))).statusCode).toBe(400);
    });
  },
);

/** One of each kind of object, by the same calls on either side. */
async function objectsOf(stripe: Stripe): Promise<Readonly<Record<string, object | undefined>>> {
  const customer = await stripe.customers.create({ name: 'Acme' });
  const product = await stripe.products.create({ name: 'search' });
  const meter = await stripe.billing.meters.create({
    event_name: 'search',
    display_name: 'search',
    default_aggregation: { formula: 'sum' },
  });
  const recurring = { interval: 'month', usage_type: 'metered', meter: meter.id } as const;
  const price = await stripe.prices.create({ currency: 'eur', product: product.id, unit_amount: 5, recurring });
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  const payload = { stripe_customer_id: customer.id, value: '1' };
  const meterEvent = await stripe.billing.meterEvents.create({ event_name: 'search', payload });
  const invoice = await stripe.invoices.create({ customer: customer.id, currency: 'eur' });
  const item = {
    customer: customer.id,
    amount: 100,
    currency: 'eur',
    ...(invoice.id !== undefined && { invoice: invoice.id }),
  };
  const invoiceItem = await stripe.invoiceItems.create(item);
  const finalized = await stripe.invoices.finalizeInvoice(invoice.id ?? '');
  const creditNote = await stripe.creditNotes.create({ invoice: invoice.id ?? '', amount: 10 });
  const webhook = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:1/', enabled_events: ['*'] });
  const testClock = await stripe.testHelpers.testClocks.create({ frozen_time: period.start });
  const [event] = (await stripe.events.list({ limit: 1 })).data;
  const [line] = finalized.lines.data;
  const [creditLine] = creditNote.lines.data;
  const [subscriptionItem] = subscription.items.data;
  return {
    ...{ customer, product, meter, price, subscription, subscriptionItem, meterEvent, invoice: finalized, line },
    ...{ invoiceItem, creditNote, creditLine, webhook, testClock, event },
  };
}

/** Fields of Stripe's example that the double's object rightly lacks. */
const absent: Readonly<Record<string, readonly string[]>> = {
  // A metered item has no quantity; the example is a licensed one.
  subscriptionItem: ['quantity'],
  // The double's line credits an amount, not a line of the invoice.
  creditLine: ['invoice_line_item'],
};

function findStripeMock(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), path.join(homedir(), 'go', 'bin')];
  return folders.map((folder) => path.join(folder, 'stripe-mock')).find((file) => existsSync(file));
}

function startStripeMock(file: string): Promise<{ process: ChildProcess; port: number }> {
  // Without an address of its own, HTTPS would listen on every interface.
  const process = spawn(file, ['-http-addr', '127.0.0.1:0', '-https-addr', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      const port = /HTTP at address: 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (port !== undefined && port !== '0') resolve({ process, port: Number(port) });
    };
    process.stdout.on('data', read);
    process.stderr.on('data', read);
    process.once('exit', (code) => reject(new Error(`stripe-mock ended with ${code}: ${output}`)));
    process.once('error', reject);
  });
}
