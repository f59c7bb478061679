import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../database/open-database.ts';
import { hasPostgres } from '../../database/testing/test-database.ts';
import { webhookRoutes, type WebhookDeps } from '../../http/routes/webhooks.ts';
import { Secret } from '../client/secret.ts';
import { createStripeClient } from '../client/create-stripe-client.ts';
import { pushStatement } from '../invoices/push-statement.ts';
import { findInvoice } from '../invoices/stored-invoice.ts';
import { pollInvoices } from '../invoices/sync-invoice.ts';
import { saveObject } from '../provider-objects.ts';
import { listHolds } from '../reconciliation/holds.ts';
import { createProviderWorld, type ProviderWorld } from '../testing/provider-world.ts';
import { sealedStatement } from '../testing/statements.ts';
import { processInbox } from './process-inbox.ts';
import { createWebhookReader } from './read-webhook.ts';

const SNAPSHOT = 'whsec_snapshot';
const THIN = 'whsec_thin';

describe.skipIf(!hasPostgres)('webhooks', () => {
  let world: ProviderWorld;
  let server: ServerType;
  let refused: string[];
  let deps: WebhookDeps;

  beforeEach(async () => {
    refused = [];
    world = await createProviderWorld({ automaticWebhooks: false });
    const webhookSecrets = [new Secret('whsec_old'), new Secret(SNAPSHOT), new Secret(THIN)];
    deps = {
      ...world.context,
      account: 'test',
      read: createWebhookReader({ ...world.connection, webhookSecrets }, Date.now),
      onRefused: (reason) => refused.push(reason),
    };
    const customer = await world.context.provider.createCustomer({ name: 'Acme', metadata: {} }, 'acme');
    if (!customer.ok) throw new Error(customer.error.message);
    await saveObject(world.context, { kind: 'customer', localId: 'acme', id: customer.value.id });
    const app = webhookRoutes(deps);
    server = await new Promise<ServerType>((resolve) => {
      const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`;
    world.addWebhookTarget({ url, secret: SNAPSHOT });
    world.addWebhookTarget({ url, secret: THIN, kind: 'thin' });
  });
  afterEach(async () => {
    server.close();
    await world.close();
  });

  const inbox = () =>
    world.test.database('stripe_inbox').orderBy(['created_at', 'event_id']).select<Record<string, unknown>[]>('*');
  const push = async (): Promise<string> => {
    const outcome = await pushStatement(world.context, sealedStatement(2), { lineMode: 'lines', finalize: true });
    if (outcome.kind !== 'finalized') throw new Error(outcome.kind);
    return outcome.invoiceId;
  };
  const stored = () => findInvoice(world.context, { statementId: sealedStatement(1).id });
  const pay = (invoiceId: string) =>
    createStripeClient(world.connection).invoices.pay(invoiceId, { paid_out_of_band: true });
  const deliver = () => world.double.webhooks.flush();

  it('are verified, kept once and dealt with afterwards: a payment arrives', async () => {
    await pay(await push());
    expect(await stored()).toMatchObject({ state: 'finalized' });
    await deliver();
    const types = (await inbox()).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['invoice.finalized', 'invoice.paid']));
    expect(await stored()).toMatchObject({ state: 'finalized' });
    const report = await processInbox(world.context);
    expect(report).toEqual({ processed: types.length, postponed: 0 });
    expect(await stored()).toMatchObject({ state: 'paid', status: 'paid' });
    expect(await processInbox(world.context)).toEqual({ processed: 0, postponed: 0 });
  });

  it('keep nothing of the object but its id', async () => {
    await push();
    await deliver();
    for (const { payload } of await inbox()) expect(payload).toEqual({ account: 'test' });
  });

  it('twice and in any order change nothing: the state is fetched', async () => {
    Object.assign(world.double.webhooks.faults, { duplicate: 1, reorder: true });
    await pay(await push());
    await deliver();
    const rows = await inbox();
    expect(new Set(rows.map(({ event_id: id }) => id)).size).toBe(rows.length);
    await processInbox(world.context);
    expect(await stored()).toMatchObject({ state: 'paid' });
  });

  it('forged, stale or unsigned are refused with 400 and leave nothing', async () => {
    Object.assign(world.double.webhooks.faults, { forge: true });
    await push();
    await deliver();
    Object.assign(world.double.webhooks.faults, { forge: false, signatureAgeSeconds: 301 });
    world.advance(3_600_000);
    await deliver();
    expect(refused.length).toBeGreaterThan(1);
    expect(refused.every((reason) => reason.startsWith('The signature is not ours'))).toBe(true);
    const app = webhookRoutes(deps);
    for (const body of [
      '',
      'null',
      '{}',
      '{"object":"event"}',
      '{"object":"v2.core.event","id":"e"}',
      'x'.repeat(100),
    ]) {
      const answer = await app.request('/webhooks/stripe', { method: 'POST', body });
      expect([answer.status, body]).toEqual([400, body]);
    }
    const large = 'x'.repeat(2_000_000);
    const headers = { 'content-length': String(large.length) };
    expect((await app.request('/webhooks/stripe', { method: 'POST', body: large, headers })).status).toBe(413);
    expect(await inbox()).toEqual([]);
  });

  it('lost are made up for by the daily poll', async () => {
    Object.assign(world.double.webhooks.faults, { drop: 1 });
    await pay(await push());
    await deliver();
    expect(await inbox()).toEqual([]);
    expect(await pollInvoices(world.context)).toMatchObject({ ok: true, value: { seen: 1, updated: 1 } });
    expect(await stored()).toMatchObject({ state: 'paid' });
    world.advance(60 * 86_400_000);
    expect(await pollInvoices(world.context)).toMatchObject({ ok: true, value: { seen: 0, updated: 0 } });
  });

  it('an invoice of 60 days ago that is paid now is found by the poll too', async () => {
    const invoiceId = await push();
    world.advance(60 * 86_400_000);
    await pay(invoiceId);
    await pollInvoices(world.context);
    expect(await stored()).toMatchObject({ state: 'paid' });
  });

  it('wait in Stripe while the database is away, and come again', async () => {
    const away = openDatabase('postgresql://nobody@127.0.0.1:1/none');
    const failures: unknown[] = [];
    const app = webhookRoutes({ ...deps, database: away, onFailure: (error) => failures.push(error) });
    const body = JSON.stringify({
      id: 'evt_1',
      object: 'event',
      type: 'invoice.paid',
      created: 0,
      livemode: false,
      data: { object: { id: 'in_1' } },
    });
    const header = createStripeClient(world.connection).webhooks.generateTestHeaderString({
      payload: body,
      secret: SNAPSHOT,
      timestamp: Math.floor(Date.now() / 1000),
    });
    const answer = await app.request('/webhooks/stripe', {
      method: 'POST',
      body,
      headers: { 'stripe-signature': header },
    });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(failures).toHaveLength(1);
    await away.destroy();
  });

  it('are tried again when Stripe does not answer, and given up when the object is gone', async () => {
    await push();
    await deliver();
    world.double.faults.add({ kind: 'error-500', method: 'GET', path: '/v1/invoices' });
    const failed = await processInbox(world.context);
    expect(failed.postponed).toBeGreaterThan(0);
    expect((await inbox()).some(({ error }) => error !== null)).toBe(true);
    world.double.faults.clear();
    world.advance(3_600_000);
    expect(await processInbox(world.context)).toMatchObject({ postponed: 0 });
    expect((await inbox()).every(({ processed_at: at }) => at !== null)).toBe(true);
  });

  it('thin events about meter errors hold invoices of that meter, others of the account do not', async () => {
    const stripe = createStripeClient(world.connection);
    const make = (name: string) =>
      stripe.billing.meters.create({
        ...{ display_name: name, event_name: name, default_aggregation: { formula: 'sum' }, event_time_window: 'day' },
      });
    const [ours] = [await make('mcp.web.search'), await make('somebody-else')];
    await world.test.database('stripe_meter').insert({
      ...{ environment: 'test', server: 'web', tool: 'search', meter_id: ours.id, event_name: 'mcp.web.search' },
      recorded_at: new Date(world.now()),
    });
    for (const name of ['mcp.web.search', 'somebody-else'])
      await stripe.billing.meterEvents.create({
        ...{ event_name: name, payload: { stripe_customer_id: 'cus_unknown', value: '1' } },
      });
    world.advance(60_000);
    await deliver();
    await processInbox(world.context);
    expect(await listHolds(world.context)).toMatchObject([{ meterId: ours.id, reason: 'meter_errors' }]);
    expect(await listHolds(world.context, [{ server: 'web', tool: 'fetch' }])).toEqual([]);
    expect(await listHolds(world.context, [{ server: 'web', tool: 'search' }])).toHaveLength(1);
  });

  it('of the live account are not taken for those of the test account', async () => {
    const body = JSON.stringify({
      id: 'evt_1',
      object: 'event',
      type: 'invoice.paid',
      created: 0,
      livemode: true,
      data: { object: { id: 'in_1' } },
    });
    const header = createStripeClient(world.connection).webhooks.generateTestHeaderString({
      payload: body,
      secret: SNAPSHOT,
      timestamp: Math.floor(Date.now() / 1000),
    });
    const answer = await webhookRoutes(deps).request('/webhooks/stripe', {
      method: 'POST',
      body,
      headers: { 'stripe-signature': header },
    });
    expect(await answer.json()).toEqual({ received: false });
    expect(await inbox()).toEqual([]);
  });
});
