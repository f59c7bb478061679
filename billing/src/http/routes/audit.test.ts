import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../../database/testing/test-database.ts';
import { createIngest } from '../../ledger/ingest.ts';
import { incoming, newEvent, newEvents } from '../../ledger/testing/events.ts';
import { importText } from '../../statements/testing/close-fixtures.ts';
import { createTestApi, type TestApi } from '../testing/test-api.ts';
import { seedTwoTenants, statementOf } from '../testing/two-tenants.ts';

/** Records are taken by the ledger's own clock, so that these calls are of now. */
const now = Date.now();
const at = (secondsAgo: number): string => new Date(now - secondsAgo * 1000).toISOString();

const prices = `
version: 1
tenants: [{ id: acme, name: Acme, currency: eur }]
prices:
  - { server: orders, tool: create_invoice, currency: eur, model: flat, unit_amount: "0.05", free_units: 10, effective_from: 2025-01-01 }
  - { server: orders, tool: report, currency: eur, model: graduated, tiers: [{ up_to: 10, unit_amount: "1" }, { unit_amount: "0.5" }], effective_from: 2025-01-01 }
allocations:
  - { tenant: acme, effective_from: 2025-01-01, rules: [{ application: support, team: red, cost_center: "1", weight_bp: 2500 }, { application: support, team: blue, cost_center: "2", weight_bp: 7500 }] }
`;

describe.skipIf(!hasPostgres)('routes of single records and usage', () => {
  let test: TestDatabase;
  let api: TestApi;
  const events = [
    ...newEvents(6, { occurredAt: at(60) }),
    newEvent({ sequence: 7, occurredAt: at(30), record: { outcome: 'tool_error', latencyMs: { total: 400 } } }),
    newEvent({
      sequence: 8,
      occurredAt: at(20),
      record: { decision: 'deny', outcome: 'refused', reason: 'quota_exhausted', status: 429 },
    }),
    newEvent({
      sequence: 9,
      occurredAt: at(10),
      record: { tool: 'report', application: 'books', user: 'bob', arguments: { month: 'May' } },
    }),
    newEvent({ sequence: 10, occurredAt: at(5), record: { tenant: 'globex', tool: 'search_orders' } }),
  ];
  beforeAll(async () => {
    test = await createTestDatabase();
    await importText(test.database, prices);
    const receipt = await createIngest(test.database)({ nodeId: 'gw-1', events: incoming(events) });
    expect(receipt).toMatchObject({ accepted: 10 });
    api = createTestApi(test.database, { now: () => now + 1_000 });
  });
  afterAll(() => test.close());

  const get = async (path: string, token = 'admin') => (await api.get(path, token)).json;

  it('group usage by tool, application, outcome and day, refusals included', async () => {
    const from = new Date(now - 86_400_000).toISOString().slice(0, 10);
    const usage = (query: string) => get(`/v1/usage?tenant=acme&from=${from}&${query}`);
    expect((await usage('')).items).toMatchObject([
      { server: 'orders', tool: 'create_invoice', quantity: 8, latencyMsMax: 400, requestBytes: 6_400 },
      { server: 'orders', tool: 'report', quantity: 1 },
    ]);
    expect(
      (await usage('group_by=outcome')).items.map((row: { outcome: string; quantity: number }) => [
        row.outcome,
        row.quantity,
      ]),
    ).toEqual([
      ['ok', 7],
      ['refused', 1],
      ['tool_error', 1],
    ]);
    expect((await usage('group_by=application&group_by=tool&outcome=ok')).items).toMatchObject([
      { tool: 'create_invoice', application: 'support', quantity: 6 },
      { tool: 'report', application: 'books', quantity: 1 },
    ]);
    expect((await usage('group_by=tol')).errors[0].fix).toContain('Did you mean tool?');
    expect((await usage('to=2020-01-01')).detail).toContain('is not after from');
  });

  it('share usage among teams without losing a call', async () => {
    const { items, groupBy } = await get(
      '/v1/usage?tenant=acme&group_by=team&group_by=tool&from=2026-01-01&to=2126-01-01',
    );
    expect(groupBy).toEqual(['team', 'tool']);
    expect(items).toEqual([
      { server: 'orders', tool: 'create_invoice', team: 'blue', quantity: 6, allocationWeight: 60_000 },
      { server: 'orders', tool: 'create_invoice', team: 'red', quantity: 2, allocationWeight: 20_000 },
      { server: 'orders', tool: 'report', team: '', quantity: 1, allocationWeight: 10_000 },
    ]);
  });

  it('share usage among cost centers, the unallocated apart, and name both beside the team', async () => {
    const usage = (query: string) => get(`/v1/usage?tenant=acme&from=2026-01-01&to=2126-01-01&${query}`);
    expect((await usage('group_by=cost_center')).items).toEqual([
      { costCenter: '', quantity: 1, allocationWeight: 10_000 },
      { costCenter: '1', quantity: 2, allocationWeight: 20_000 },
      { costCenter: '2', quantity: 6, allocationWeight: 60_000 },
    ]);
    expect((await usage('group_by=team&group_by=cost_center&outcome=refused')).items).toEqual([
      { team: 'blue', costCenter: '2', quantity: 1, allocationWeight: 7_500 },
      { team: 'red', costCenter: '1', quantity: 0, allocationWeight: 2_500 },
    ]);
  });

  it('watch the last minutes: errors among what was let through, percentiles, refusals apart', async () => {
    const { items } = await get('/v1/monitor?server=orders&tool=create_invoice&tenant=acme&minutes=60');
    expect(items).toMatchObject([
      { calls: 8, errors: 1, refused: 1, errorRate: 1 / 7, p50Ms: 40, p95Ms: 400, p99Ms: 400 },
    ]);
    expect((await get('/v1/monitor?minutes=0')).errors[0]).toMatchObject({
      field: 'query.minutes',
      fix: 'Write digits.',
    });
    expect((await get('/v1/monitor', 'acme')).items.map(({ tool }: { tool: string }) => tool)).not.toContain(
      'search_orders',
    );
  });

  it('search records by what they are, page by page, for auditors only', async () => {
    const ids = (answer: { items: readonly { id: string }[] }) => answer.items.map(({ id }) => id);
    const expected = events.map(({ id }) => id);
    const first = await get('/v1/audit?tenant=acme&order=oldest_first&limit=8', 'audit');
    const second = await get(`/v1/audit?tenant=acme&order=oldest_first&limit=8&cursor=${first.nextCursor}`, 'audit');
    expect([...ids(first), ...ids(second)].sort()).toEqual(expected.slice(0, 9).sort());
    expect(ids(await get('/v1/audit?decision=deny'))).toEqual([expected[7]]);
    expect(ids(await get('/v1/audit?reason=quota_exhausted'))).toEqual([expected[7]]);
    expect(ids(await get('/v1/audit?user=bob'))).toEqual([expected[8]]);
    expect(ids(await get(`/v1/audit?arguments_sha256=${events[2]?.data.argumentsSha256}`))).toEqual([expected[2]]);
    expect((await get('/v1/audit?arguments_sha256=xyz')).errors[0].field).toBe('query.arguments_sha256');
    expect((await get('/v1/audit?from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z')).detail).toContain('31 days');
    expect((await get('/v1/audit', 'usage')).status).toBe(403);
    expect(ids(await get('/v1/audit', 'acme'))).not.toContain(expected[9]);
  });

  it('show one call with what it cost, and its record to auditors', async () => {
    const one = (index: number, token = 'audit') => get(`/v1/invocations/${events[index]?.id}`, token);
    expect(await one(0)).toMatchObject({
      ...{ id: events[0]?.id, tenant: 'acme', tool: 'create_invoice', outcome: 'ok' },
      cost: {
        isPriced: true,
        isBillable: true,
        unitAmount: '0.05',
        currency: 'eur',
        text: '0.05 EUR; the first 10 calls a month are free',
      },
      record: { user: 'ann', kongRequestId: events[0]?.data.kongRequestId },
    });
    expect((await one(6)).cost).toMatchObject({
      isBillable: false,
      text: '0.00 EUR: the outcome tool_error is not billed.',
    });
    expect((await one(8)).cost).toMatchObject({ text: 'up to 10: 1, above: 0.5 (each call by its tier), EUR' });
    expect((await one(8, 'usage')).record).toBeUndefined();
    expect((await one(9)).cost.text).toBe('The tenant has no record, so nothing is billed.');
    expect((await one(9, 'acme')).status).toBe(404);
    expect((await get('/v1/invocations/none')).detail).toContain('The ledger has no invocation none (yet)');
  });
});

describe.skipIf(!hasPostgres)('evidence', () => {
  it('takes a line down to its calls, page by page', async () => {
    const test = await createTestDatabase();
    await seedTwoTenants(test.database);
    const api = createTestApi(test.database);
    const statement = await statementOf(test.database, 'acme');
    const evidence = (query = '') => api.get(`/v1/statements/${statement}/lines/1/evidence${query}`, 'finance');
    const first = (await evidence('?limit=8')).json;
    expect(first).toMatchObject({
      ...{ statement, line: { tool: 'create_invoice', quantity: 12, freeQuantity: 2 } },
      price: { currency: 'eur', text: 'up to 10: 1, above: 0.5 (each call by its tier)' },
      buckets: [
        { day: '2026-10-06', outcome: 'ok', quantity: 12, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      ],
    });
    expect(first.steps.length).toBeGreaterThan(0);
    const second = (await evidence(`?limit=8&cursor=${first.nextCursor}`)).json;
    const ids = [...first.invocations, ...second.invocations].map(({ id }: { id: string }) => id);
    expect([new Set(ids).size, ids.length, second.nextCursor]).toEqual([12, 12, undefined]);
    expect((await evidence('?cursor=x')).status).toBe(400);
    expect((await api.get(`/v1/statements/${statement}/lines/9/evidence`, 'finance')).status).toBe(404);
    expect((await api.get(`/v1/statements/${statement}/lines/x/evidence`, 'finance')).status).toBe(400);
    await test.close();
  });
});
