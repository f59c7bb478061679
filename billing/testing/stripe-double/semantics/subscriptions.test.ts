import type Stripe from 'stripe';
import { expect, it } from 'vitest';
import { day, idOf, onDouble, refusalOf, semantics } from './targets.ts';

async function meteredPrices(
  stripe: Stripe,
  unique: (name: string) => string,
  count: number,
  interval: 'month' | 'day' = 'month',
) {
  const product = await stripe.products.create({ name: 'tools' });
  const prices: { price: string; eventName: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const eventName = unique('tool');
    const meter = await stripe.billing.meters.create({
      display_name: eventName,
      event_name: eventName,
      default_aggregation: { formula: 'sum' },
      event_time_window: 'day',
    });
    const price = await stripe.prices.create({
      currency: 'eur',
      product: product.id,
      unit_amount: 10,
      recurring: { interval, usage_type: 'metered', meter: idOf(meter) },
    });
    prices.push({ price: price.id, eventName });
  }
  return prices;
}

semantics('Subscriptions', (target) => {
  it('hold at most 20 items', async () => {
    const { stripe, unique } = target();
    const prices = await meteredPrices(stripe, unique, 21);
    const customer = await stripe.customers.create({});
    const items = prices.map(({ price }) => ({ price }));
    const refusal = await refusalOf(
      stripe.subscriptions.create({
        customer: customer.id,
        items,
        collection_method: 'send_invoice',
        days_until_due: 30,
      }),
    );
    expect(refusal.statusCode).toBe(400);
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: items.slice(0, 20),
      collection_method: 'send_invoice',
      days_until_due: 30,
    });
    expect(subscription.items.data).toHaveLength(20);
    const last = items[20]?.price ?? '';
    const more = await refusalOf(stripe.subscriptionItems.create({ subscription: subscription.id, price: last }));
    expect(more.statusCode).toBe(400);
  });

  it('keep the billing mode they were given', async () => {
    const { stripe, unique } = target();
    const [price] = await meteredPrices(stripe, unique, 1);
    const customer = await stripe.customers.create({});
    for (const type of ['classic', 'flexible'] as const) {
      const subscription = await stripe.subscriptions.create({
        customer: customer.id,
        items: [{ price: price?.price ?? '' }],
        billing_mode: { type },
        collection_method: 'send_invoice',
        days_until_due: 30,
      });
      expect(subscription.billing_mode.type).toBe(type);
    }
  });

  it('have no quantity on metered items, and accept none', async () => {
    const { stripe, unique } = target();
    const [price] = await meteredPrices(stripe, unique, 1);
    const customer = await stripe.customers.create({});
    const base = { customer: customer.id, collection_method: 'send_invoice', days_until_due: 30 } as const;
    const refusal = await refusalOf(
      stripe.subscriptions.create({ ...base, items: [{ price: price?.price ?? '', quantity: 2 }] }),
    );
    expect(refusal.statusCode).toBe(400);
    const subscription = await stripe.subscriptions.create({ ...base, items: [{ price: price?.price ?? '' }] });
    expect(subscription.items.data[0]?.quantity).toBeUndefined();
  });

  it('on a test clock bill a whole UTC month at 00:00:00 UTC of the first, and take in late usage until finalised', async () => {
    const { stripe, unique } = target();
    const [price] = await meteredPrices(stripe, unique, 1);
    // Within 35 days of now for both targets: the clock starts at the first of this month.
    const now = new Date(target().now() * 1000);
    const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1) / 1000;
    const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) / 1000;
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: first });
    const customer = await stripe.customers.create({ test_clock: clock.id });
    const advance = async (to: number) => {
      const moved = await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
      expect(moved.status).toBe('advancing');
      await target().eventually(
        () => stripe.testHelpers.testClocks.retrieve(clock.id),
        ({ status }) => status === 'ready',
      );
    };
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price?.price ?? '' }],
      billing_mode: { type: 'flexible' },
      billing_cycle_anchor_config: { day_of_month: 1, hour: 0, minute: 0, second: 0 },
      collection_method: 'send_invoice',
      days_until_due: 30,
    });
    expect(subscription.billing_cycle_anchor).toBe(next);
    const send = (value: string, timestamp: number) =>
      stripe.billing.meterEvents.create({
        event_name: price?.eventName ?? '',
        timestamp,
        payload: { stripe_customer_id: customer.id, value },
      });
    await advance(first + day);
    await send('3', first + day - 60);
    await advance(next + 60);
    const [draft] = (await stripe.invoices.list({ subscription: subscription.id, status: 'draft' })).data;
    expect(draft).toMatchObject({ billing_reason: 'subscription_cycle', period_start: first, period_end: next });
    expect(draft?.automatically_finalizes_at).toBeGreaterThan(next);
    await send('4', next - 60);
    const late = await target().eventually(
      () => stripe.invoices.retrieve(idOf(draft ?? {})),
      ({ subtotal }) => subtotal === 70,
    );
    expect(late.status).toBe('draft');
    await advance(next + 2 * 3600);
    const finalized = await stripe.invoices.retrieve(idOf(draft ?? {}));
    expect(finalized).toMatchObject({ status: 'open', subtotal: 70, amount_due: 70 });
    await stripe.testHelpers.testClocks.del(clock.id);
  });
});

onDouble('Subscriptions over time', { settings: { finalizationGraceSeconds: 72 * 3600 } }, (own) => {
  const setUp = async () => {
    const { stripe, double } = own();
    const [price] = await meteredPrices(stripe, (name) => double.account.ids.next(name), 1, 'day');
    const customer = await stripe.customers.create({});
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price?.price ?? '' }],
      billing_mode: { type: 'flexible' },
    });
    const send = (value: string) =>
      stripe.billing.meterEvents.create({
        event_name: price?.eventName ?? '',
        payload: { stripe_customer_id: customer.id, value },
      });
    const invoices = async () =>
      (await stripe.invoices.list({ subscription: subscription.id })).data.map(({ status, subtotal }) => [
        status,
        subtotal,
      ]);
    return { customer, subscription, send, invoices };
  };

  it('leave their drafts open for as long as the account says, here 72 h', async () => {
    const { send, invoices } = await setUp();
    await send('2');
    own().double.advance(day);
    expect(await invoices()).toEqual([['draft', 20]]);
    own().double.advance(72 * 3600 - 1);
    expect((await invoices()).at(-1)).toEqual(['draft', 20]);
    own().double.advance(1);
    expect((await invoices()).at(-1)).toEqual(['open', 20]);
  });

  it('bill every period of a long jump, each finalised at its own hour', async () => {
    const { subscription, invoices } = await setUp();
    own().double.advance(10 * day);
    expect(await invoices()).toHaveLength(10);
    const { data } = await own().stripe.invoices.list({ subscription: subscription.id, limit: 100 });
    const finalized = data.filter((each) => each.status_transitions.finalized_at !== null);
    expect(finalized.length).toBe(7);
    for (const each of finalized) expect(each.status_transitions.finalized_at).toBe(each.created + 72 * 3600);
  });

  it('that are cancelled at once lose usage that was not invoiced, and keep it with invoice_now', async () => {
    const { stripe } = own();
    const lost = await setUp();
    await lost.send('5');
    await stripe.subscriptions.cancel(lost.subscription.id);
    own().double.advance(2 * day);
    expect(await lost.invoices()).toEqual([]);
    const kept = await setUp();
    await kept.send('5');
    own().double.advance(60);
    await stripe.subscriptions.cancel(kept.subscription.id, { invoice_now: true });
    expect(await kept.invoices()).toEqual([['open', 50]]);
  });

  it('that end with their period bill it and no other', async () => {
    const { subscription, send, invoices } = await setUp();
    await own().stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    await send('1');
    own().double.advance(3 * day);
    expect(await invoices()).toEqual([['draft', 10]]);
    expect((await own().stripe.subscriptions.retrieve(subscription.id)).status).toBe('canceled');
  });

  it('take pending invoice items onto their next invoice, before their own lines', async () => {
    const { stripe, double } = own();
    const { customer, subscription, send } = await setUp();
    await stripe.invoiceItems.create({
      customer: customer.id,
      amount: -30,
      currency: 'eur',
      description: 'Correction',
    });
    await send('5');
    double.advance(day);
    const [draft] = (await stripe.invoices.list({ subscription: subscription.id })).data;
    expect(draft?.lines.data.map(({ amount, parent }) => [amount, parent?.type])).toEqual([
      [-30, 'invoice_item_details'],
      [50, 'subscription_item_details'],
    ]);
    expect(draft?.subtotal).toBe(20);
  });

  it('keep an item that is added later off the draft of the period before', async () => {
    const { stripe, double } = own();
    const { subscription, send, invoices } = await setUp();
    await send('5');
    double.advance(day + 60);
    const item = subscription.items.data[0];
    const meter = item?.price.recurring?.meter ?? '';
    const price = await stripe.prices.create({
      currency: 'eur',
      product: item?.price.product as string,
      unit_amount: 11,
      recurring: { interval: 'day', usage_type: 'metered', meter },
    });
    await stripe.subscriptions.update(subscription.id, {
      items: [{ price: price.id }, { id: item?.id ?? '', deleted: true }],
      proration_behavior: 'none',
    });
    expect(await invoices()).toEqual([['draft', 50]]);
  });

  it('may start in the past of the running period, whose usage they then bill', async () => {
    const { stripe, double } = own();
    const now = double.account.clock.now();
    const at = new Date(now * 1000);
    const first = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1) / 1000;
    const [price] = await meteredPrices(stripe, (name) => double.account.ids.next(name), 1);
    const customer = await stripe.customers.create({});
    const params: Stripe.SubscriptionCreateParams = {
      customer: customer.id,
      items: [{ price: price?.price ?? '' }],
      billing_mode: { type: 'flexible' },
      billing_cycle_anchor_config: { day_of_month: 1, hour: 0, minute: 0, second: 0 },
      proration_behavior: 'none',
    };
    const subscription = await stripe.subscriptions.create({ ...params, backdate_start_date: first });
    expect([subscription.start_date, subscription.items.data[0]?.current_period_start]).toEqual([first, first]);
    const payload = { stripe_customer_id: customer.id, value: '4' };
    await stripe.billing.meterEvents.create({ event_name: price?.eventName ?? '', timestamp: first, payload });
    expect((await stripe.invoices.createPreview({ subscription: subscription.id })).subtotal).toBe(40);
    const tooEarly = stripe.subscriptions.create({ ...params, backdate_start_date: first - 1 });
    expect((await refusalOf(tooEarly)).code).toBe('double_not_modelled');
  });

  it('bill a licensed fee in advance', async () => {
    const { stripe } = own();
    const product = await stripe.products.create({ name: 'Base fee' });
    const price = await stripe.prices.create({
      currency: 'eur',
      product: product.id,
      unit_amount: 4900,
      recurring: { interval: 'month' },
    });
    const customer = await stripe.customers.create({});
    const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    const invoice = await stripe.invoices.retrieve(subscription.latest_invoice as string);
    expect(invoice).toMatchObject({ billing_reason: 'subscription_create', status: 'open', subtotal: 4900 });
  });

  it('number at most 500 for one customer', async () => {
    const { stripe, double } = own();
    const { subscription, customer } = await setUp();
    const record = double.account.subscriptions.get(subscription.id);
    if (!record) throw new Error('no such subscription');
    for (let copy = 1; copy < 500; copy += 1) {
      double.account.subscriptions.set(`sub_copy_${copy}`, { ...record, id: `sub_copy_${copy}` });
    }
    const price = subscription.items.data[0]?.price.id ?? '';
    const refusal = await refusalOf(stripe.subscriptions.create({ customer: customer.id, items: [{ price }] }));
    expect(refusal.message).toMatch(/at most 500/);
  });
});
