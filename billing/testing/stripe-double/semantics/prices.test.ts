import type Stripe from 'stripe';
import { expect, it } from 'vitest';
import { decimal, idOf, onDouble, refusalOf, semantics, start } from './targets.ts';

semantics('Prices', (target) => {
  const create = async (params: Partial<Stripe.PriceCreateParams>) => {
    const { stripe } = target();
    const product = await stripe.products.create({ name: 'search' });
    return stripe.prices.create({ currency: 'eur', product: product.id, ...params });
  };

  it('take up to twelve decimals of a minor unit, and say so in both fields', async () => {
    const price = await create({ unit_amount_decimal: decimal('0.000000000001') });
    expect(price.unit_amount).toBeNull();
    expect(price.unit_amount_decimal?.toString()).toBe('0.000000000001');
    const whole = await create({ unit_amount_decimal: decimal('250') });
    expect(whole.unit_amount).toBe(250);
  });

  it('refuse a thirteenth decimal', async () => {
    const refusal = await refusalOf(create({ unit_amount_decimal: decimal('0.0000000000001') }));
    expect(refusal.statusCode).toBe(400);
    expect(refusal.param).toBe('unit_amount_decimal');
  });

  it('show tiers only when asked to', async () => {
    const params: Partial<Stripe.PriceCreateParams> = {
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      recurring: { interval: 'month' },
      tiers: [
        { up_to: 1000, unit_amount: 0 },
        { up_to: 'inf', unit_amount_decimal: decimal('0.5') },
      ],
    };
    const price = await create(params);
    expect(price.tiers).toBeUndefined();
    const shown = await target().stripe.prices.retrieve(price.id, { expand: ['tiers'] });
    expect(shown.tiers?.map((tier) => tier.up_to)).toEqual([1000, null]);
    expect(shown.tiers?.[1]?.unit_amount_decimal?.toString()).toBe('0.5');
  });

  it('do not transform quantities and have tiers at once', async () => {
    const refusal = await refusalOf(
      create({
        billing_scheme: 'tiered',
        tiers_mode: 'volume',
        recurring: { interval: 'month' },
        tiers: [{ up_to: 'inf', unit_amount: 1 }],
        transform_quantity: { divide_by: 100, round: 'up' },
      }),
    );
    expect(refusal.statusCode).toBe(400);
  });

  it('end their tiers with inf', async () => {
    const refusal = await refusalOf(
      create({
        billing_scheme: 'tiered',
        tiers_mode: 'volume',
        recurring: { interval: 'month' },
        tiers: [{ up_to: 10, unit_amount: 1 }],
      }),
    );
    expect(refusal.statusCode).toBe(400);
  });

  it('cannot change their amount', async () => {
    const price = await create({ unit_amount: 5 });
    const refusal = await refusalOf(target().stripe.prices.update(price.id, { unit_amount: 6 } as never));
    expect(refusal.code).toBe('parameter_unknown');
  });

  it('are found by lookup key, which can be handed over', async () => {
    const key = target().unique('search-v1');
    const first = await create({ unit_amount: 5, lookup_key: key });
    const second = await create({ unit_amount: 6, lookup_key: key, transfer_lookup_key: true });
    const found = await target().stripe.prices.list({ lookup_keys: [key] });
    expect(found.data.map((price) => price.id)).toEqual([second.id]);
    expect((await target().stripe.prices.retrieve(first.id)).lookup_key).toBeNull();
  });

  it('of metered usage need a meter', async () => {
    const refusal = await refusalOf(
      create({ unit_amount: 1, recurring: { interval: 'month', usage_type: 'metered' } }),
    );
    expect(refusal.statusCode).toBe(400);
  });
});

onDouble('Metered prices', { settings: { finalizationGraceSeconds: 3600 } }, (own) => {
  /** Lines and subtotal that a price makes of a quantity at the end of a period. */
  const bill = async (name: string, quantity: string, params: Partial<Stripe.PriceCreateParams>) => {
    const { stripe } = own();
    const meter = await stripe.billing.meters.create({
      display_name: name,
      event_name: name,
      default_aggregation: { formula: 'sum' },
      event_time_window: 'day',
    });
    const product = await stripe.products.create({ name });
    const price = await stripe.prices.create({
      currency: 'eur',
      product: product.id,
      recurring: { interval: 'month', usage_type: 'metered', meter: idOf(meter) },
      ...params,
    });
    const customer = await stripe.customers.create({});
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      billing_mode: { type: 'flexible' },
    });
    const payload = { stripe_customer_id: customer.id, value: quantity };
    await stripe.billing.meterEvents.create({ event_name: name, timestamp: start + 60, payload });
    const preview = await stripe.invoices.createPreview({ subscription: subscription.id });
    return {
      subtotal: preview.subtotal,
      lines: preview.lines.data.map((line) => [line.quantity_decimal?.toString(), line.amount]),
    };
  };

  const tiers: Stripe.PriceCreateParams.Tier[] = [
    { up_to: 1000, unit_amount: 0 },
    { up_to: 5000, unit_amount_decimal: decimal('0.5') },
    { up_to: 'inf', unit_amount_decimal: decimal('0.25'), flat_amount: 100 },
  ];

  it.each<[string, string, Partial<Stripe.PriceCreateParams>, (string | number)[][], number]>([
    ['per unit', '30', { unit_amount_decimal: decimal('0.05') }, [['30', 2]], 2],
    ['nothing used', '0', { unit_amount: 5 }, [['0', 0]], 0],
    [
      'packages of 100, begun ones counted',
      '250',
      { unit_amount: 7, transform_quantity: { divide_by: 100, round: 'up' } },
      [['250', 21]],
      21,
    ],
    [
      'packages of 100, full ones counted',
      '250',
      { unit_amount: 7, transform_quantity: { divide_by: 100, round: 'down' } },
      [['250', 14]],
      14,
    ],
    [
      'graduated: a free tier, then two priced ones, the last with a flat fee',
      '5001',
      { billing_scheme: 'tiered', tiers_mode: 'graduated', tiers },
      [
        ['1000', 0],
        ['4000', 2000],
        ['1', 0],
        ['1', 100],
      ],
      2100,
    ],
    [
      'graduated, inside the free tier',
      '999',
      { billing_scheme: 'tiered', tiers_mode: 'graduated', tiers },
      [['999', 0]],
      0,
    ],
    [
      'volume: all units at the tier that the total reaches',
      '5001',
      { billing_scheme: 'tiered', tiers_mode: 'volume', tiers },
      [
        ['5001', 1250],
        ['1', 100],
      ],
      1350,
    ],
  ])('bill %s', async (name, quantity, params, lines, subtotal) => {
    expect(await bill(name, quantity, params)).toEqual({ lines, subtotal });
  });

  it('bill a negative total as 0', async () => {
    expect(await bill('negative', '-5', { unit_amount: 10 })).toEqual({ lines: [['0', 0]], subtotal: 0 });
  });

  it('bill tiers in one line where the account is set so', async () => {
    own().double.account.settings.tieredLines = 'single';
    const billed = await bill('one line', '5001', { billing_scheme: 'tiered', tiers_mode: 'graduated', tiers });
    own().double.account.settings.tieredLines = 'per-tier';
    expect(billed).toEqual({ lines: [['5001', 2100]], subtotal: 2100 });
  });

  it('count a resent daily total once', async () => {
    const { stripe } = own();
    await bill('resent', '30', { unit_amount: 1 });
    const [customer] = (await stripe.customers.list({ limit: 1 })).data;
    const payload = { stripe_customer_id: customer?.id ?? '', value: '31' };
    await stripe.billing.meterEvents.create({ event_name: 'resent', timestamp: start + 120, payload });
    const preview = await stripe.invoices.createPreview({
      subscription: (await stripe.subscriptions.list({ customer: customer?.id ?? '' })).data[0]?.id ?? '',
    });
    expect(preview.subtotal).toBe(31);
  });
});
