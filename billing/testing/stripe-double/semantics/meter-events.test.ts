import { expect, it } from 'vitest';
import { day, idOf, onDouble, refusalOf, semantics, start, startOfDay } from './targets.ts';

semantics('Meter events', (target) => {
  const meterAndCustomer = async (more: object = {}) => {
    const { stripe, unique } = target();
    const eventName = unique('calls');
    const meter = await stripe.billing.meters.create({
      display_name: eventName,
      event_name: eventName,
      default_aggregation: { formula: 'sum' },
      ...more,
    });
    const customer = await stripe.customers.create({ name: 'Acme' });
    const send = (value: string, more: object = {}, options: object = {}) =>
      stripe.billing.meterEvents.create(
        { event_name: eventName, payload: { stripe_customer_id: customer.id, value }, ...more },
        options,
      );
    const total = (from: number, to: number) =>
      stripe.billing.meters.listEventSummaries(idOf(meter), { customer: customer.id, start_time: from, end_time: to });
    return { meter, customer, eventName, send, total };
  };

  it('are answered with what was sent', async () => {
    const { send, eventName, customer } = await meterAndCustomer();
    const identifier = target().unique('call');
    const timestamp = target().now() - 60;
    const event = await send('25', { identifier, timestamp });
    expect(event).toMatchObject({
      object: 'billing.meter_event',
      event_name: eventName,
      identifier,
      livemode: false,
      payload: { stripe_customer_id: customer.id, value: '25' },
      timestamp,
    });
  });

  it('get an identifier when none is given', async () => {
    const { send } = await meterAndCustomer();
    const [first, second] = [await send('1'), await send('1')];
    expect(first.identifier).not.toBe(second.identifier);
  });

  it('with a known identifier are a 400 that must not be retried, not a silent success', async () => {
    const { send, total } = await meterAndCustomer();
    const identifier = target().unique('call');
    await send('5', { identifier });
    const refusal = await refusalOf(send('5', { identifier }));
    expect(refusal.type).toBe('StripeInvalidRequestError');
    expect(refusal.statusCode).toBe(400);
    expect(refusal.code).toBeUndefined();
    expect(refusal.message).toMatch(/already exists with identifier/);
    expect(refusal.headers?.['stripe-should-retry']).toBe('false');
    const from = startOfDay(target().now());
    const { data } = await target().eventually(
      () => total(from, from + day),
      ({ data }) => (data[0]?.aggregated_value ?? 0) > 0,
    );
    expect(data[0]?.aggregated_value).toBe(5);
  });

  it('replay under their Idempotency-Key, which is not the identifier', async () => {
    const { send } = await meterAndCustomer();
    const identifier = target().unique('call');
    const options = { idempotencyKey: target().unique('key') };
    const first = await send('5', { identifier }, options);
    const again = await send('5', { identifier }, options);
    expect(again).toEqual(first);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    const other = await refusalOf(send('6', { identifier: target().unique('call') }, options));
    expect(other.type).toBe('StripeIdempotencyError');
  });

  it('carry strings: a nested payload value is refused', async () => {
    const { send } = await meterAndCustomer();
    const refusal = await refusalOf(send('1', { payload: { stripe_customer_id: 'cus_1', value: { nested: '1' } } }));
    expect(refusal.statusCode).toBe(400);
  });

  it('reach 35 days back and 5 minutes ahead, no further', async () => {
    const { send } = await meterAndCustomer();
    const now = target().now();
    await send('1', { timestamp: now - 34 * day });
    await send('1', { timestamp: now + 4 * 60 });
    expect((await refusalOf(send('1', { timestamp: now - 36 * day }))).statusCode).toBe(400);
    expect((await refusalOf(send('1', { timestamp: now + 10 * 60 }))).statusCode).toBe(400);
  });

  it('have names and identifiers of at most 100 characters', async () => {
    const { send } = await meterAndCustomer();
    expect((await refusalOf(send('1', { identifier: 'i'.repeat(101) }))).param).toBe('identifier');
    expect((await refusalOf(send('1', { event_name: 'e'.repeat(101) }))).param).toBe('event_name');
  });

  it('can be sent through v2, as JSON with an ISO time', async () => {
    const { eventName, customer, total } = await meterAndCustomer();
    const timestamp = new Date((target().now() - 60) * 1000).toISOString();
    const event = await target().stripe.v2.billing.meterEvents.create({
      event_name: eventName,
      identifier: target().unique('call'),
      payload: { stripe_customer_id: customer.id, value: '3' },
      timestamp,
    });
    expect(event.object).toBe('v2.billing.meter_event');
    const from = startOfDay(target().now() - 60);
    const { data } = await target().eventually(
      () => total(from, from + day),
      ({ data }) => (data[0]?.aggregated_value ?? 0) > 0,
    );
    expect(data[0]?.aggregated_value).toBe(3);
  });

  it('can be cancelled by identifier', async () => {
    const { eventName, send, total } = await meterAndCustomer();
    const identifier = target().unique('call');
    await send('5', { identifier });
    await send('2');
    const from = startOfDay(target().now());
    const sum = (value: number) =>
      target().eventually(
        () => total(from, from + day),
        ({ data }) => data[0]?.aggregated_value === value,
      );
    await sum(7);
    const adjustment = await target().stripe.billing.meterEventAdjustments.create({
      event_name: eventName,
      type: 'cancel',
      cancel: { identifier },
    });
    expect(adjustment).toMatchObject({
      object: 'billing.meter_event_adjustment',
      cancel: { identifier },
      type: 'cancel',
    });
    expect((await sum(2)).data[0]?.aggregated_value).toBe(2);
  });
});

onDouble('Meter events over time', { settings: { meterLagSeconds: 600 } }, (own) => {
  const setUp = async (name: string) => {
    const { stripe } = own();
    await stripe.billing.meters.create({
      display_name: name,
      event_name: name,
      default_aggregation: { formula: 'sum' },
    });
    const customer = await stripe.customers.create({});
    return (identifier: string) =>
      stripe.billing.meterEvents.create({
        event_name: name,
        identifier,
        timestamp: start,
        payload: { stripe_customer_id: customer.id, value: '1' },
      });
  };

  it('may come again 24 h after the first was received, and then count twice', async () => {
    const send = await setUp('again');
    await send('same');
    own().double.advance(day - 1);
    expect((await refusalOf(send('same'))).message).toMatch(/already exists/);
    own().double.advance(1);
    await send('same');
    own().double.advance(600);
    const counted = own().double.account.meterEvents.filter((event) => event.identifier === 'same');
    expect(counted.map((event) => event.state)).toEqual(['counted', 'counted']);
  });

  it('can be cancelled only within 24 h of being received', async () => {
    const send = await setUp('late-cancel');
    await send('kept');
    own().double.advance(day + 1);
    const refusal = await refusalOf(
      own().stripe.billing.meterEventAdjustments.create({
        event_name: 'late-cancel',
        type: 'cancel',
        cancel: { identifier: 'kept' },
      }),
    );
    expect(refusal.message).toMatch(/24 hours/);
  });

  it('one at a time for a customer and meter: a second in flight gets 429, which the SDK does not retry', async () => {
    const send = await setUp('crowded');
    own().double.faults.add({ kind: 'hold', path: '/v1/billing/meter_events', times: 1 });
    const first = send('first');
    await own().double.faults.held();
    const refusal = await refusalOf(send('second'));
    expect(refusal.statusCode).toBe(429);
    expect(refusal.headers?.['stripe-should-retry']).toBeUndefined();
    own().double.faults.release();
    await first;
    await send('second');
  });
});
