import { expect, it } from 'vitest';
import { clientOf, onDouble, refusalOf, start } from './targets.ts';

onDouble('Faults', {}, (own) => {
  const count = () => own().double.account.customers.size;
  const create = (idempotencyKey?: string) =>
    own().stripe.customers.create({ name: 'Acme' }, idempotencyKey === undefined ? {} : { idempotencyKey });

  it('before apply: the caller sees a broken connection, and nothing happened', async () => {
    own().double.faults.add({ kind: 'timeout-before-apply', times: 1 });
    const before = count();
    const refusal = await refusalOf(create());
    expect(refusal.type).toBe('StripeConnectionError');
    expect(count()).toBe(before);
  });

  it('after apply: the caller sees the same, but it happened; the same key replays it', async () => {
    own().double.faults.add({ kind: 'timeout-after-apply', times: 1 });
    const before = count();
    const refusal = await refusalOf(create('after'));
    expect(refusal.type).toBe('StripeConnectionError');
    expect(count()).toBe(before + 1);
    const replayed = await create('after');
    expect(count()).toBe(before + 1);
    expect(own().double.account.customers.has(replayed.id)).toBe(true);
  });

  it('that close the connection are retried once by the SDK itself, under one key', async () => {
    own().double.faults.add({ kind: 'timeout-after-apply', manner: 'close', times: 1 });
    const before = count();
    const customer = await create();
    expect(customer.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(count()).toBe(before + 1);
  });

  it('of silence end with the timeout of the caller', async () => {
    own().double.faults.add({ kind: 'timeout-before-apply', manner: 'silence', times: 1 });
    const hasty = clientOf(own().double, { timeout: 50 });
    const refusal = await refusalOf(hasty.customers.create({}));
    expect(refusal.message).toContain('timeout being reached (50ms)');
  });

  it('of 500 before apply leave the key free, so that a retry acts', async () => {
    own().double.faults.add({ kind: 'error-500', times: 1 });
    const before = count();
    const refusal = await refusalOf(create('five-hundred'));
    expect(refusal.statusCode).toBe(500);
    await create('five-hundred');
    expect(count()).toBe(before + 1);
  });

  it('of 500 after apply are replayed under the key: only a read tells what happened', async () => {
    own().double.faults.add({ kind: 'error-500-after-apply', times: 1 });
    const before = count();
    expect((await refusalOf(create('stuck'))).statusCode).toBe(500);
    expect((await refusalOf(create('stuck'))).statusCode).toBe(500);
    expect(count()).toBe(before + 1);
  });

  it('of 500 are retried by an SDK that may retry, 429 is not', async () => {
    const patient = clientOf(own().double, { maxNetworkRetries: 2 });
    own().double.faults.add({ kind: 'error-500', times: 1 });
    expect((await patient.customers.create({})).object).toBe('customer');
    own().double.faults.add({ kind: 'rate-limit', times: 1 });
    expect(await refusalOf(patient.customers.create({}))).toMatchObject({
      statusCode: 429,
      type: 'StripeRateLimitError',
    });
  });

  it('match a method and a path, and let a given number through first', async () => {
    const id = own().double.faults.add({
      kind: 'rate-limit',
      method: 'POST',
      path: '/v1/products',
      after: 1,
      times: 1,
    });
    const { stripe } = own();
    await create();
    await stripe.products.list();
    await stripe.products.create({ name: 'one' });
    expect((await refusalOf(stripe.products.create({ name: 'two' }))).statusCode).toBe(429);
    await stripe.products.create({ name: 'three' });
    expect(
      own()
        .double.faults.list()
        .find((each) => each.id === id),
    ).toMatchObject({ seen: 3, hits: 1 });
  });

  it('by chance follow the seed', async () => {
    own().double.faults.clear();
    own().double.faults.add({ kind: 'rate-limit', probability: 0.5 });
    let refused = 0;
    for (let call = 0; call < 60; call += 1) await create().catch(() => (refused += 1));
    own().double.faults.clear();
    expect(refused).toBeGreaterThan(15);
    expect(refused).toBeLessThan(45);
  });

  it('as an outage last for a span of virtual time', async () => {
    own().double.faults.addOutage({ from: start + 100, to: start + 200 });
    await create();
    own().double.advance(100);
    expect((await refusalOf(create())).type).toBe('StripeConnectionError');
    own().double.advance(100);
    await create();
    own().double.faults.clear();
  });
});

onDouble('Control over HTTP', {}, (own) => {
  const control = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${own().double.url}/_double${path}`, init);
    return (await answer.json()) as Record<string, unknown>;
  };

  it('moves the clock, forward only', async () => {
    expect(await control('GET', '/clock')).toMatchObject({ now: start });
    expect(await control('POST', '/clock/advance', { seconds: 60 })).toMatchObject({ now: start + 60 });
    expect(await control('POST', '/clock/advance', { seconds: -1 })).toHaveProperty('error');
    expect(await control('POST', '/clock/advance', { seconds: 'soon' })).toHaveProperty('error');
  });

  it('sets faults and takes them away', async () => {
    await control('POST', '/faults', { kind: 'rate-limit', path: '/v1/customers' });
    expect((await refusalOf(own().stripe.customers.create({}))).statusCode).toBe(429);
    expect(await control('GET', '/faults')).toMatchObject({ rules: [{ kind: 'rate-limit', hits: 1 }] });
    await control('DELETE', '/faults');
    await own().stripe.customers.create({});
  });

  it('refuses a fault or a setting that it does not know', async () => {
    expect(await control('POST', '/faults', { kind: 'earthquake' })).toHaveProperty('error');
    expect(await control('POST', '/settings', { paymnets: 'decline' })).toHaveProperty('error');
  });

  it('dumps all state, without the secrets of webhook endpoints', async () => {
    const { secret } = await own().stripe.webhookEndpoints.create({
      url: 'http://127.0.0.1:1/',
      enabled_events: ['*'],
    });
    const state = await control('GET', '/state');
    expect(Object.keys(state)).toEqual(expect.arrayContaining(['customers', 'invoices', 'meterEvents', 'events']));
    expect(JSON.stringify(state)).not.toContain(secret ?? 'no secret');
  });

  it('refuses a request that a browser was led to by another name', async () => {
    const { port } = own().double;
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'rebound.example.com' };
      request({ host: '127.0.0.1', port, path: '/_double/state', headers }, (answer) => resolve(answer.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });
});
