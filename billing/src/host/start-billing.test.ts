import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUnmigratedDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import type { ApiEvent } from '../http/api-env.ts';
import { createNodeCredential } from '../ledger/node-credentials.ts';
import { newEvents } from '../ledger/testing/events.ts';
import { importText } from '../statements/testing/close-fixtures.ts';
import { parseStripeSettings } from '../stripe/client/stripe-settings.ts';
import { startStripeDouble } from '../../testing/stripe-double/start-stripe-double.ts';
import { startBilling, type StartBillingOptions } from './start-billing.ts';

const apiToken = 'a'.repeat(40);
const parties = { issuer: 'Example', provider: 'Example', publisher: 'Example' };

describe.skipIf(!hasPostgres)('startBilling', () => {
  let test: TestDatabase;
  const events: ApiEvent[] = [];
  beforeEach(async () => {
    test = await createUnmigratedDatabase();
    events.length = 0;
  });
  afterEach(() => test.close());

  const start = (more: Partial<StartBillingOptions> = {}) =>
    startBilling({
      ...{ databaseUrl: test.url, dataDirectory: 'unused', host: '127.0.0.1', port: 0, apiToken, parties },
      ...{ stripe: { mode: 'off' }, runsJobs: false, log: (event: ApiEvent) => void events.push(event) },
      ...more,
    });
  const prices = `
version: 1
tenants: [{ id: acme, name: Acme, currency: eur, line_mode: lines }]
prices: [{ server: orders, tool: create_invoice, currency: eur, model: flat, unit_amount: "0.05", effective_from: 2025-01-01 }]
`;

  it('takes what a gateway ships, compares budgets in its job, and tells the gateway to refuse', async () => {
    const billing = await start();
    const ask = async (path: string, init: RequestInit = {}) => {
      const headers = { authorization: `Bearer ${apiToken}`, ...(init.headers as Record<string, string>) };
      const response = await fetch(`${billing.url}${path}`, { ...init, headers });
      return (await response.json()) as never;
    };
    await importText(billing.database, prices);
    const made = await createNodeCredential(billing.database, 'gw-1');
    if (!made.ok) throw new Error('no credential');
    const shipped = await ask('/v1/invocations', {
      method: 'POST',
      headers: { authorization: `Bearer ${made.value.token}`, 'content-type': 'application/x-ndjson' },
      body: newEvents(20)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    });
    expect(shipped).toMatchObject({ accepted: 20 });
    await ask('/v1/budgets/acme', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        tenant: 'acme',
        scope: { kind: 'tenant' },
        limit: { kind: 'amount', minor: '100' },
        enforcement: 'enabled',
      }),
    });
    await billing.worker.runDue();
    expect(await ask('/v1/accrual?tenant=acme')).toMatchObject({ items: [{ total: { text: '1.00' } }] });
    expect(await ask('/v1/policy')).toMatchObject({ limits: [{ id: 'budget-acme', limit: 0 }] });
    expect(events.filter(({ budget }) => budget === 'acme').map(({ threshold }) => threshold)).toEqual([
      50, 80, 95, 100,
    ]);
    expect(events.filter(({ level }) => level === 'error')).toEqual([]);
    await billing.close();
    await expect(fetch(`${billing.url}/healthz`)).rejects.toThrow();
  });

  it('seals and verifies days of the chain, sends totals to Stripe, and takes its webhooks', async () => {
    const double = await startStripeDouble();
    const stripe = parseStripeSettings({
      mode: 'shadow',
      secretKey: 'sk_test_double',
      apiBase: double.url,
      webhookSecrets: 'whsec_test',
    });
    if (!stripe.ok) throw new Error('settings');
    const billing = await start({ stripe: stripe.value });
    await importText(billing.database, prices);
    await billing.worker.runDue();
    const leases = await billing.database('billing.job_lease').orderBy('name').select('name', 'last_error');
    expect(leases).toEqual(
      [
        'audit-chain',
        'budgets',
        'credit-notes-shadow',
        'evidence',
        'inbox-shadow',
        'invoice-poll-shadow',
        'invoices-shadow',
        'meters-shadow',
        'partitions',
        'reconcile-shadow',
      ].map((name) => ({ name, last_error: null })),
    );
    const seconds = Math.floor(Date.now() / 1000);
    const body = JSON.stringify({
      id: 'evt_1',
      object: 'event',
      type: 'invoice.paid',
      created: seconds,
      livemode: false,
      data: { object: { id: 'in_none' } },
    });
    const signature = `t=${seconds},v1=${createHmac('sha256', 'whsec_test').update(`${seconds}.${body}`).digest('hex')}`;
    const send = (value: string) =>
      fetch(`${billing.url}/webhooks/stripe`, { method: 'POST', headers: { 'stripe-signature': value }, body });
    expect((await send(signature)).status).toBe(200);
    expect((await send('t=1,v1=0')).status).toBe(400);
    expect(await billing.database('billing.stripe_inbox').pluck<string[]>('event_id')).toEqual(['evt_1']);
    await billing.close();
    await double.close();
  });

  it('leaves nothing behind when it cannot listen', async () => {
    const first = await start();
    await expect(start({ port: first.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
  });
});
