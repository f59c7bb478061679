import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startStripeDouble, type StripeDouble } from '../start-stripe-double.ts';
import { clientOf, idOf, start } from './targets.ts';

const snapshotSecret = 'whsec_snapshot';
const thinSecret = 'whsec_thin';

interface Received {
  readonly path: string;
  readonly body: string;
  readonly signature: string;
}

describe('Webhooks (double)', () => {
  let receiver: Server;
  let received: Received[] = [];
  let status = 200;
  let double: StripeDouble;
  let stripe: Stripe;

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const signature = String(request.headers['stripe-signature']);
        received.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString('utf8'), signature });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    double = await startStripeDouble({
      clock: { startSeconds: start },
      delivery: { automatic: false },
      webhookTargets: [
        {
          url: `${url}/snapshot`,
          secret: snapshotSecret,
          events: ['customer.created', 'invoice.finalized', 'invoice.paid'],
        },
        { url: `${url}/thin`, secret: thinSecret, kind: 'thin' },
      ],
    });
    stripe = clientOf(double);
  });
  afterAll(async () => {
    await double.close();
    receiver.close();
  });
  beforeEach(async () => {
    status = 200;
    Object.assign(double.webhooks.faults, {
      drop: [],
      duplicate: 0,
      reorder: false,
      paused: false,
      signatureAgeSeconds: 0,
      forge: false,
    });
    await double.webhooks.flush();
    received = [];
  });

  const verify = (each: Received) => stripe.webhooks.constructEvent(each.body, each.signature, snapshotSecret);
  const typesOf = (all: readonly Received[]) => all.map((each) => verify(each).type);

  it('are signed so that the SDK accepts them, and carry the object and the request that caused it', async () => {
    const customer = await stripe.customers.create({ name: 'Acme' }, { idempotencyKey: 'key-1' });
    await double.webhooks.flush();
    const [first] = received;
    const event = verify(first ?? { path: '', body: '', signature: '' });
    expect(event).toMatchObject({
      object: 'event',
      type: 'customer.created',
      livemode: false,
      api_version: Stripe.API_VERSION,
    });
    expect(event.data.object).toMatchObject({ id: customer.id, name: 'Acme' });
    expect(event.request).toEqual({ id: customer.lastResponse.requestId, idempotency_key: 'key-1' });
    expect(await stripe.events.retrieve(event.id)).toMatchObject({ id: event.id, type: 'customer.created' });
  });

  it('go only to endpoints that asked for their type', async () => {
    await stripe.products.create({ name: 'search' });
    await double.webhooks.flush();
    expect(received).toEqual([]);
    expect((await stripe.events.list({ type: 'product.*' })).data).toHaveLength(1);
  });

  it('that are forged or old are refused by the SDK', async () => {
    double.webhooks.faults.forge = true;
    await stripe.customers.create({});
    await double.webhooks.flush();
    double.webhooks.faults.forge = false;
    double.webhooks.faults.signatureAgeSeconds = 301;
    await stripe.customers.create({});
    await double.webhooks.flush();
    expect(received).toHaveLength(2);
    for (const each of received) expect(() => verify(each)).toThrow(Stripe.errors.StripeSignatureVerificationError);
  });

  it('may be lost, and are still in the list of events', async () => {
    double.webhooks.faults.drop = ['customer.created'];
    const customer = await stripe.customers.create({});
    await double.webhooks.flush();
    expect(received).toEqual([]);
    const { data } = await stripe.events.list({ type: 'customer.created', limit: 1 });
    expect(data[0]?.data.object).toMatchObject({ id: customer.id });
    expect(await double.webhooks.resend(data[0]?.id ?? '')).toBe(1);
    expect(typesOf(received)).toEqual(['customer.created']);
  });

  it('may come twice, with one id', async () => {
    double.webhooks.faults.duplicate = 1;
    await stripe.customers.create({});
    await double.webhooks.flush();
    expect(received).toHaveLength(2);
    expect(new Set(received.map((each) => verify(each).id)).size).toBe(1);
  });

  it('may come out of order', async () => {
    double.webhooks.faults.reorder = true;
    for (let index = 0; index < 10; index += 1) await stripe.customers.create({ name: String(index) });
    await double.webhooks.flush();
    const names = received.map((each) => (verify(each).data.object as Stripe.Customer).name);
    expect([...names].sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(names).not.toEqual([...names].sort());
  });

  it('come again after a failure, with growing pauses, until they are taken', async () => {
    status = 500;
    await stripe.customers.create({});
    await double.webhooks.flush();
    double.advance(299);
    await double.webhooks.flush();
    expect(received).toHaveLength(1);
    double.advance(1);
    await double.webhooks.flush();
    expect(received).toHaveLength(2);
    status = 200;
    double.advance(1800);
    await double.webhooks.flush();
    double.advance(100_000);
    await double.webhooks.flush();
    expect(received).toHaveLength(3);
    expect(new Set(received.map((each) => each.body)).size).toBe(1);
  });

  it('tell of an invoice in the order of its life', async () => {
    const customer = await stripe.customers.create({});
    const invoice = await stripe.invoices.create({ customer: customer.id, currency: 'eur' });
    await stripe.invoices.addLines(idOf(invoice), { lines: [{ amount: 100, description: 'Calls' }] });
    await stripe.invoices.finalizeInvoice(idOf(invoice));
    await stripe.invoices.pay(idOf(invoice), { paid_out_of_band: true });
    await double.webhooks.flush();
    expect(typesOf(received)).toEqual(['customer.created', 'invoice.finalized', 'invoice.paid']);
  });

  it('are sent to endpoints made through the API, loopback only', async () => {
    const refusal = stripe.webhookEndpoints.create({ url: 'https://example.com/hook', enabled_events: ['*'] });
    await expect(refusal).rejects.toThrow(/loopback only/);
    const [target] = [...double.account.webhookEndpoints.values()];
    const endpoint = await stripe.webhookEndpoints.create({
      url: target?.url ?? '',
      enabled_events: ['product.created'],
    });
    await stripe.products.create({ name: 'search' });
    await double.webhooks.flush();
    const [first] = received;
    const event = stripe.webhooks.constructEvent(first?.body ?? '', first?.signature ?? '', endpoint.secret ?? '');
    expect(event.type).toBe('product.created');
    expect((await stripe.webhookEndpoints.retrieve(endpoint.id)).secret).toBeUndefined();
    await stripe.webhookEndpoints.del(endpoint.id);
  });

  describe('of meters', () => {
    const send = async (eventName: string, payload: Record<string, string>) => {
      const event = await stripe.billing.meterEvents.create({ event_name: eventName, payload });
      await double.webhooks.flush();
      return event;
    };
    const notificationOf = (each: Received | undefined) =>
      stripe.parseEventNotification(each?.body ?? '', each?.signature ?? '', thinSecret);

    it.each<[string, Record<string, string>, string]>([
      ['an unknown customer', { stripe_customer_id: 'cus_missing', value: '1' }, 'meter_event_customer_not_found'],
      ['no customer', { value: '1' }, 'meter_event_no_customer_defined'],
      ['a value that is no number', { stripe_customer_id: '', value: 'many' }, 'meter_event_invalid_value'],
      ['too many digits', { stripe_customer_id: '', value: '1234567890123456' }, 'meter_event_value_too_many_digits'],
    ])('report %s as a thin event, although the event was accepted with 200', async (name, payload, code) => {
      const customer = await stripe.customers.create({});
      const eventName = `thin ${name}`;
      const meter = await stripe.billing.meters.create({
        display_name: name,
        event_name: eventName,
        default_aggregation: { formula: 'sum' },
      });
      received = [];
      const filled = payload['stripe_customer_id'] === '' ? { ...payload, stripe_customer_id: customer.id } : payload;
      const accepted = await send(eventName, filled);
      const notification = notificationOf(received.find((each) => each.path === '/thin'));
      expect(notification.type).toBe('v1.billing.meter.error_report_triggered');
      expect(notification).not.toHaveProperty('data');
      if (notification.type !== 'v1.billing.meter.error_report_triggered') return;
      expect(notification.related_object).toMatchObject({ id: meter.id, type: 'billing.meter' });
      const event = await notification.fetchEvent();
      expect(event.data.reason).toMatchObject({
        error_count: 1,
        error_types: [{ code, error_count: 1, sample_errors: [{ request: { identifier: accepted.identifier } }] }],
      });
      expect((await notification.fetchRelatedObject()).event_name).toBe(eventName);
    });

    it('report an archived meter', async () => {
      const customer = await stripe.customers.create({});
      const meter = await stripe.billing.meters.create({
        display_name: 'old',
        event_name: 'old',
        default_aggregation: { formula: 'sum' },
      });
      await stripe.billing.meters.deactivate(meter.id);
      await send('old', { stripe_customer_id: customer.id, value: '1' });
      const notification = notificationOf(received.find((each) => each.path === '/thin'));
      const event = await stripe.v2.core.events.retrieve(notification.id);
      expect(JSON.stringify(event)).toContain('archived_meter');
    });

    it('report events that no meter listens to, without a related object', async () => {
      await send('nobody', { stripe_customer_id: 'cus_1', value: '1' });
      const notification = notificationOf(received.find((each) => each.path === '/thin'));
      expect(notification.type).toBe('v1.billing.meter.no_meter_found');
      expect(notification).not.toHaveProperty('related_object');
    });

    it('name ten samples of more failures: who wants to know which failed must reconcile', async () => {
      double.account.settings.meterLagSeconds = 60;
      for (let index = 0; index < 12; index += 1)
        await send('nobody', { stripe_customer_id: `cus_${index}`, value: '1' });
      received = [];
      double.advance(60);
      await double.webhooks.flush();
      double.account.settings.meterLagSeconds = 0;
      expect(received).toHaveLength(1);
      const event = await stripe.v2.core.events.retrieve(notificationOf(received[0]).id);
      const { reason } = (
        event as unknown as { data: { reason: { error_types: { error_count: number; sample_errors: [] }[] } } }
      ).data;
      expect(reason.error_types[0]?.error_count).toBe(12);
      expect(reason.error_types[0]?.sample_errors).toHaveLength(10);
    });
  });
});
