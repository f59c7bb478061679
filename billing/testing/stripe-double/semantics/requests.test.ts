import Stripe from 'stripe';
import { expect, it } from 'vitest';
import { clientOf, day, idOf, onDouble, refusalOf, semantics } from './targets.ts';

semantics('Requests', (target) => {
  it('with an unknown parameter are refused by its name', async () => {
    const refusal = await refusalOf(target().stripe.customers.create({ nmae: 'Acme' } as never));
    expect(refusal).toMatchObject({ statusCode: 400, code: 'parameter_unknown', param: 'nmae' });
    expect(refusal.message).toContain('Received unknown parameter: nmae');
  });

  it('for an object that is not there get 404 resource_missing', async () => {
    const refusal = await refusalOf(target().stripe.customers.retrieve('cus_missing'));
    expect(refusal).toMatchObject({ statusCode: 404, code: 'resource_missing', param: 'id' });
    expect(refusal.message).toContain("No such customer: 'cus_missing'");
  });

  it('carry a request id in the answer, also when refused', async () => {
    const customer = await target().stripe.customers.create({});
    expect(customer.lastResponse.requestId).toMatch(/^req_/);
    expect(customer.lastResponse.apiVersion).toBe(Stripe.API_VERSION);
    expect((await refusalOf(target().stripe.customers.retrieve('cus_missing'))).requestId).toMatch(/^req_/);
  });

  it('under one Idempotency-Key act once and replay', async () => {
    const { stripe, unique } = target();
    const idempotencyKey = unique('key');
    const name = unique('Acme');
    const first = await stripe.customers.create({ name }, { idempotencyKey });
    const again = await stripe.customers.create({ name }, { idempotencyKey });
    expect(again.id).toBe(first.id);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
  });

  it('under a known Idempotency-Key with other parameters are a 400', async () => {
    const { stripe, unique } = target();
    const idempotencyKey = unique('key');
    await stripe.customers.create({ name: 'Acme' }, { idempotencyKey });
    const refusal = await refusalOf(stripe.customers.create({ name: 'Other' }, { idempotencyKey }));
    expect(refusal).toMatchObject({ statusCode: 400, type: 'StripeIdempotencyError' });
    expect(refusal.message).toContain('Keys for idempotent requests can only be used with the same parameters');
  });

  it('that were refused before anything began leave their Idempotency-Key free', async () => {
    const { stripe, unique } = target();
    const idempotencyKey = unique('key');
    await refusalOf(stripe.customers.create({ nmae: 'Acme' } as never, { idempotencyKey }));
    expect((await stripe.customers.create({ name: 'Acme' }, { idempotencyKey })).name).toBe('Acme');
  });

  it('for lists are paged by limit and starting_after, newest first', async () => {
    const { stripe, unique } = target();
    const email = `${unique('page')}@example.com`;
    const created: string[] = [];
    for (let index = 0; index < 5; index += 1) created.unshift((await stripe.customers.create({ email })).id);
    const first = await stripe.customers.list({ email, limit: 2 });
    expect([first.data.map((each) => each.id), first.has_more]).toEqual([created.slice(0, 2), true]);
    const next = await stripe.customers.list({ email, limit: 3, starting_after: created[1] ?? '' });
    expect([next.data.map((each) => each.id), next.has_more]).toEqual([created.slice(2), false]);
    const before = await stripe.customers.list({ email, limit: 2, ending_before: created[4] ?? '' });
    expect([before.data.map((each) => each.id), before.has_more]).toEqual([created.slice(2, 4), true]);
    const all = await stripe.customers.list({ email, limit: 2 }).autoPagingToArray({ limit: 10 });
    expect(all.map((each) => each.id)).toEqual(created);
  });

  it('for more than 100 of a list are refused', async () => {
    const refusal = await refusalOf(target().stripe.customers.list({ limit: 101 }));
    expect(refusal).toMatchObject({ statusCode: 400, param: 'limit' });
  });

  it('expand ids into objects, also in lists and through two levels', async () => {
    const { stripe } = target();
    const customer = await stripe.customers.create({ name: 'Acme' });
    const invoice = await stripe.invoices.create({ customer: customer.id, currency: 'eur' });
    const one = await stripe.invoices.retrieve(idOf(invoice), { expand: ['customer'] });
    expect(one.customer).toMatchObject({ id: customer.id, name: 'Acme' });
    const list = await stripe.invoices.list({ customer: customer.id, expand: ['data.customer'] });
    expect(list.data[0]?.customer).toMatchObject({ id: customer.id });
    const refusal = await refusalOf(stripe.invoices.retrieve(idOf(invoice), { expand: ['nonsense'] }));
    expect(refusal.message).toContain('This property cannot be expanded (nonsense)');
  });

  it('set, keep and unset metadata by key', async () => {
    const { stripe } = target();
    const { id } = await stripe.customers.create({ metadata: { tenant: 'acme', region: 'eu' } });
    const updated = await stripe.customers.update(id, { metadata: { region: '', plan: 'pro' } });
    expect(updated.metadata).toEqual({ tenant: 'acme', plan: 'pro' });
    expect((await refusalOf(stripe.customers.update(id, { metadata: { long: 'x'.repeat(501) } }))).statusCode).toBe(
      400,
    );
  });
});

onDouble('Requests to the double', {}, (own) => {
  const withKey = (key: string) => new Stripe(key, { ...own().double.clientOptions, maxNetworkRetries: 0 });

  it('with a live key are refused, and the key is called a leak', async () => {
    // Put together here, so that no scanner takes this file for a leak.
    const refusal = await refusalOf(withKey(['sk', 'live', 'abc'].join('_')).customers.create({}));
    expect(refusal).toMatchObject({ statusCode: 401, type: 'StripeAuthenticationError' });
    expect(refusal.message).toMatch(/live key.*roll it/);
    expect(refusal.message).not.toContain('abc');
  });

  it('without a test key are refused', async () => {
    expect((await refusalOf(withKey('nonsense').customers.create({}))).statusCode).toBe(401);
    const answer = await fetch(`${own().double.url}/v1/customers`);
    expect(answer.status).toBe(401);
  });

  it('of another API version are refused: the double models one', async () => {
    const other = clientOf(own().double, { apiVersion: '2020-08-27' as never });
    expect((await refusalOf(other.customers.create({}))).message).toContain(Stripe.API_VERSION);
  });

  it('forget an Idempotency-Key after 24 h: who retries later acts again', async () => {
    const { stripe, double } = own();
    const first = await stripe.customers.create({ name: 'Acme' }, { idempotencyKey: 'one' });
    double.advance(day - 1);
    expect((await stripe.customers.create({ name: 'Acme' }, { idempotencyKey: 'one' })).id).toBe(first.id);
    double.advance(1);
    expect((await stripe.customers.create({ name: 'Acme' }, { idempotencyKey: 'one' })).id).not.toBe(first.id);
  });

  it('under an Idempotency-Key that is in flight get 409', async () => {
    const { stripe, double } = own();
    double.faults.add({ kind: 'hold', times: 1 });
    const first = stripe.customers.create({}, { idempotencyKey: 'same' });
    await double.faults.held();
    const refusal = await refusalOf(stripe.customers.create({}, { idempotencyKey: 'same' }));
    expect([refusal.statusCode, refusal.code]).toEqual([409, 'idempotency_key_in_use']);
    double.faults.release();
    expect((await first).object).toBe('customer');
  });

  it.each([
    [
      'discounts on an invoice',
      (stripe: Stripe) => stripe.invoices.create({ customer: 'cus_1', discounts: [{ coupon: 'x' }] }),
    ],
    [
      'automatic tax',
      (stripe: Stripe) => stripe.invoices.create({ customer: 'cus_1', automatic_tax: { enabled: true } }),
    ],
    [
      'billing thresholds',
      (stripe: Stripe) => stripe.subscriptions.create({ customer: 'cus_1', billing_thresholds: { amount_gte: 1 } }),
    ],
    ['trials', (stripe: Stripe) => stripe.subscriptions.create({ customer: 'cus_1', trial_period_days: 3 })],
  ])('for %s are refused rather than ignored', async (_what, call) => {
    expect(await refusalOf(call(own().stripe))).toMatchObject({ statusCode: 400, code: 'double_not_modelled' });
  });

  it.each([
    ['alerts', (stripe: Stripe) => stripe.billing.alerts.list()],
    ['credit grants', (stripe: Stripe) => stripe.billing.creditGrants.list()],
    ['payment intents', (stripe: Stripe) => stripe.paymentIntents.list()],
  ])('for %s get 404: budgets and credit are evaluated by the product, not by Stripe', async (_what, call) => {
    expect(await refusalOf(call(own().stripe))).toMatchObject({ statusCode: 404 });
  });

  it('give the same ids again for the same seed', async () => {
    const ids = async (seed: string) => {
      const { startStripeDouble } = await import('../start-stripe-double.ts');
      const double = await startStripeDouble({ seed });
      const { id } = await clientOf(double).customers.create({});
      await double.close();
      return id;
    };
    expect(await ids('a')).toBe(await ids('a'));
    expect(await ids('a')).not.toBe(await ids('b'));
  });
});
