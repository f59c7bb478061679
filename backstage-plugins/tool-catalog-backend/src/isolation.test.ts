import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TestDatabases } from '@backstage/backend-test-utils';
import { usageGroupings } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { allRoutes } from './routes/allRoutes';
import type { Route } from './routes/route';
import type { Services } from './services';
import { startCatalogBackend, type CatalogBackend } from './testing/startCatalogBackend';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const hasPostgres = databases.supports('POSTGRES_18');

/** Nothing of Acme's may hold any of these. */
const secrets = ['helpdesk', 'Help desk', 'secret_tool', 'acme', 'anna', 'CC-4711'];

/** Billing and a gateway that answer every question with Acme's numbers, whoever's were asked for. */
const startNeighbours = async (): Promise<{ readonly url: string; close(): void }> => {
  const server: Server = createServer((request, response) => {
    const { pathname: place, searchParams } = new URL(request.url ?? '', 'http://neighbours');
    const money = { minor: '100', currency: 'eur', text: '1.00' };
    const row = { tenant: 'acme', application: 'helpdesk', server: 'orders', tool: 'search_orders' };
    const record = { ...row, id: 'r1', occurredAt: new Date().toISOString(), decision: 'allow', outcome: 'ok' };
    const answers: Readonly<Record<string, object>> = {
      '/v1/usage': {
        items: [
          {
            ...{ ...row, outcome: 'ok', day: '2026-11-25', quantity: 5 },
            ...(searchParams.getAll('group_by').includes('cost_center')
              ? { team: 'care', costCenter: 'CC-4711', allocationWeight: 50_000 }
              : {}),
          },
        ],
      },
      '/v1/accrual': {
        items: [
          {
            tenant: 'acme',
            currency: 'eur',
            total: money,
            tools: [{ ...row, quantity: 5, amount: money }],
            unpriced: [],
          },
        ],
      },
      '/v1/audit': { items: [{ ...record, status: 200, latencyMs: 5 }] },
      '/v1/invocations/r1': {
        ...record,
        cost: { text: '0.02 EUR' },
        record: { ...record, arguments: { name: 'anna' } },
      },
      '/v1/statements': {
        items: [{ id: 's1', ...row, periodStart: '', periodEnd: '', state: 'sealed', subtotal: money }],
      },
      '/v1/statements/s1': {
        id: 's1',
        ...row,
        periodStart: '',
        periodEnd: '',
        state: 'sealed',
        subtotal: money,
        lines: [],
      },
      '/v1/prices/in-force': { items: [] },
      '/v1/limits/left': {
        limits: [{ rule: 'acme-month', kind: 'rate', window: 'month', limit: 9, used: 5, remaining: 4, cost: 1 }],
      },
    };
    response.writeHead(answers[place] === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answers[place] ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
};

describe.skipIf(!hasPostgres)('what is Acme’s (needs PostgreSQL: setup/test.mjs starts one)', () => {
  let backend: CatalogBackend;
  let neighbours: Awaited<ReturnType<typeof startNeighbours>>;
  const ids: Record<string, string> = { application: 'helpdesk', server: 'secret', tool: 'secret_tool' };

  beforeAll(async () => {
    neighbours = await startNeighbours();
    backend = await startCatalogBackend({
      knex: await databases.init('POSTGRES_18'),
      billing: { url: neighbours.url, token: 'test-billing-token' },
      management: { url: neighbours.url, token: 'test-management-token' },
    });
    const anna = backend.as('anna');
    await anna.post('/applications', { id: 'helpdesk', name: 'Help desk', team: 'group:default/team-support' });
    const wanted = { application: 'helpdesk', server: 'orders', plan: 'starter' };
    ids.subscription = ((await anna.post('/subscriptions', wanted)).body as { id: string }).id;
    const { recoveryCodes, secret } = (await anna.post('/second-factor/enrol')).body as {
      recoveryCodes: string[];
      secret: string;
    };
    const { TOTP } = await import('otpauth');
    await anna.post('/second-factor/confirm', { code: new TOTP({ secret }).generate() });
    const made = await anna.post('/applications/helpdesk/keys', { name: 'ci' }, recoveryCodes[0]);
    ids.key = (made.body as { key: { id: string } }).key.id;
  });
  afterAll(async () => {
    await backend?.stop();
    neighbours?.close();
  });

  /** The route with Acme's ids in it, asked as well as a stranger can. */
  const ask = (person: string, { method, path, operationId }: Route) => {
    const id = path.startsWith('/keys') ? ids.key : path.startsWith('/subscriptions') ? ids.subscription : '';
    const other = path.startsWith('/statements') ? 's1' : path.startsWith('/audit') ? 'r1' : (id ?? '');
    const place = path.replace(/:([a-zA-Z]+)/g, (_, name: string) => (name === 'id' ? other : (ids[name] ?? 'x')));
    const query: Readonly<Record<string, string>> = {
      getUsage: '?month=2026-11&groupBy=application',
      getMonitor: '?server=secret',
      getLimitsLeft: '?application=helpdesk&server=secret&tool=secret_tool',
      listAudit: '?application=helpdesk',
      listSubscriptions: '?role=mine',
    };
    const body = {
      ...{ application: 'helpdesk', server: 'secret', plan: 'inner', tool: 'secret_tool', name: 'x', id: 'stolen' },
      ...{ team: 'group:default/team-support', code: '000000', hash: 'f'.repeat(64), tools: ['*'] },
    };
    const as = backend.as(person);
    if (method === 'get') return as.get(`${place}${query[operationId] ?? ''}`);
    return method === 'put' ? as.put(place, body) : as.post(place, body, '000000');
  };

  const routes = allRoutes({} as Services).filter(({ isForMachines }) => !isForMachines);

  it.each(routes.map((route) => [route.operationId, route] as const))(
    'is told to nobody of another tenant: %s',
    async (_, route) => {
      const answer = await ask('gwen', route);
      expect(answer.status).not.toBe(500);
      // What a stranger wrote into the request may come back in a refusal, and nothing else.
      const told =
        answer.status >= 400 ? answer.text.replaceAll(/helpdesk|secret_tool|team-support/g, '') : answer.text;
      for (const secret of secrets) expect(told).not.toContain(secret);
    },
  );

  it.each(usageGroupings)('is no usage of another tenant by %s', async (groupBy) => {
    const { status, body } = await backend.as('gwen').get(`/usage?month=2026-11&groupBy=${groupBy}`);
    expect([status, body]).toMatchObject([200, { groupBy, rows: [], totals: [], calls: 0, unpriced: [] }]);
  });

  it.each(['anna', 'fiona'])('is the same cost by cost centre as by every other group, for %s', async (person) => {
    const byGroup = await Promise.all(
      usageGroupings.map(
        async (groupBy) => (await backend.as(person).get(`/usage?month=2026-11&groupBy=${groupBy}`)).body,
      ),
    );
    for (const { totals, calls } of byGroup)
      expect([totals, calls]).toMatchObject([[{ currency: 'eur', cost: '1.00' }], 5]);
    expect(byGroup[usageGroupings.indexOf('costCenter')].rows).toEqual([
      { key: 'CC-4711', tenant: 'acme', calls: 5, errors: 0, refused: 0, currency: 'eur', cost: '1.00' },
    ]);
  });

  it('is told to those whose it is, through the same questions', async () => {
    const usage = routes.find(({ operationId }) => operationId === 'getUsage');
    expect(usage && (await ask('anna', usage)).text).toContain('helpdesk');
    expect(usage && (await ask('fiona', usage)).text).toContain('helpdesk');
    const limits = routes.find(({ operationId }) => operationId === 'getLimitsLeft');
    expect(limits && (await ask('anna', limits)).text).toContain('acme-month');
    const audit = routes.find(({ operationId }) => operationId === 'listAudit');
    expect(audit && (await ask('otto', audit)).text).toContain('helpdesk');
    expect(audit && (await ask('anna', audit)).body).toEqual({ items: [] });
    const statements = routes.find(({ operationId }) => operationId === 'listStatements');
    expect(statements && (await ask('anna', statements)).body).toEqual({ items: [] });
    expect(statements && (await ask('fiona', statements)).text).toContain('s1');
  });
});
