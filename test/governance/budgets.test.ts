import { afterEach, describe, expect, it } from 'vitest';
import {
  createUnmigratedDatabase,
  hasPostgres,
  type TestDatabase,
} from '../../billing/src/database/testing/test-database.ts';
import { startBilling, type Billing } from '../../billing/src/host/start-billing.ts';
import { addToken } from '../../billing/src/http/token-store.ts';
import { createNodeCredential } from '../../billing/src/ledger/node-credentials.ts';
import { importText } from '../../billing/src/statements/testing/close-fixtures.ts';
import { callTool, isServed } from '../failures/harness/mcp-client.ts';
import { waitFor } from '../setup/governed-demo.ts';
import { reasonOf, startOrders, textOf, type OrdersGateway } from './orders-gateway.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const apiToken = 'a'.repeat(40);
const secret = 'a-secret-that-gateways-and-billing-share';

const prices = `
version: 1
tenants: [{ id: acme, name: Acme, currency: eur }, { id: globex, name: Globex, currency: usd }]
prices: [{ server: orders, tool: search_orders, currency: eur, model: flat, unit_amount: "0.50", effective_from: 2025-01-01 }]
`;

interface World {
  readonly billing: Billing;
  readonly gateway: OrdersGateway;
  setBudget(minor: string): Promise<void>;
  /** Runs the job of budgets until it has said so; the gateway ships and polls by itself meanwhile. */
  compare(): Promise<void>;
}

const start = async (): Promise<World> => {
  const test: TestDatabase = await createUnmigratedDatabase();
  closers.push(() => test.close());
  const billing = await startBilling({
    ...{ databaseUrl: test.url, dataDirectory: 'unused', host: '127.0.0.1', port: 0, apiToken, runsJobs: false },
    ...{ parties: { issuer: 'a', provider: 'a', publisher: 'a' }, stripe: { mode: 'off' }, log: () => undefined },
    policySecret: secret,
  });
  closers.push(() => billing.close());
  await importText(billing.database, prices);
  const { token } = await addToken(billing.database, { name: 'kong', roles: ['gateway'] });
  const credential = await createNodeCredential(billing.database, 'gw-1');
  if (!credential.ok) throw new Error(credential.error.problem);
  const gateway = await startOrders({
    config: {
      policy: { url: `${billing.url}/v1/policy`, token, hmac_secret: secret },
      metering: { url: billing.url, token: credential.value.token, node_id: 'gw-1' },
    },
  });
  closers.push(() => gateway.close());
  return {
    ...{ billing, gateway },
    setBudget: async (minor) => {
      const response = await fetch(`${billing.url}/v1/budgets/acme-month`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ tenant: 'acme', scope: { kind: 'tenant' }, limit: { kind: 'amount', minor }, enforcement: 'enabled' },
        }),
      });
      expect(response.status).toBe(200);
    },
    compare: async () => {
      await billing.database('billing.job_lease').update({ next_run_at: new Date(0), expires_at: new Date(0) });
      await billing.worker.runDue();
    },
  };
};

const ledgerRows = async ({ billing }: World): Promise<number> =>
  Number((await billing.database('billing.invocation').count<{ n: bigint }[]>('* as n'))[0]?.n ?? 0);

describe.skipIf(!hasPostgres)('a budget', () => {
  it('that is used up makes the gateway refuse, for its tenant alone, until it is raised', async () => {
    const world = await start();
    const { gateway } = world;
    const asAlice = () => gateway.call();
    await waitFor(async () =>
      isServed(await callTool(gateway.proxyUrl, 'search_orders', { key: 'key-bob' })) ? true : undefined,
    );
    await world.setBudget('100');

    // Two calls of 0.50 are a budget of 1.00.
    for (const _ of [1, 2]) expect(reasonOf(await asAlice())).toBeUndefined();
    await waitFor(async () => ((await ledgerRows(world)) >= 3 ? true : undefined));
    await world.compare();
    const refused = await waitFor(async () => {
      const answer = await asAlice();
      return reasonOf(answer) === undefined ? undefined : answer;
    });
    expect(reasonOf(refused)).toBe('quota_exhausted');
    expect(textOf(refused)).toContain('budget-acme-month');
    const reached = gateway.upstream.received.length;
    for (const _ of [1, 2, 3]) expect(reasonOf(await asAlice())).toBe('quota_exhausted');
    expect(gateway.upstream.received).toHaveLength(reached);
    expect(isServed(await callTool(gateway.proxyUrl, 'search_orders', { key: 'key-bob' }))).toBe(true);

    await world.setBudget('100000');
    await waitFor(async () => (reasonOf(await asAlice()) === undefined ? true : undefined));
  });
});
