import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../../database/testing/test-database.ts';
import { readCsv } from '../../exports/testing/read-csv.ts';
import { createTestApi, type TestApi } from '../testing/test-api.ts';
import { seedTwoTenants, statementOf } from '../testing/two-tenants.ts';

describe.skipIf(!hasPostgres)('routes of costs', () => {
  let test: TestDatabase;
  let api: TestApi;
  let statement: string;
  beforeAll(async () => {
    test = await createTestDatabase();
    await seedTwoTenants(test.database);
    api = createTestApi(test.database);
    statement = await statementOf(test.database, 'acme');
  });
  afterAll(() => test.close());

  it('accrue the month so far, today, and the month as it will be', async () => {
    const { json } = await api.get('/v1/accrual?tenant=acme', 'usage');
    expect(json.month).toBe('2026-11');
    const [acme] = json.items;
    // 40 calls at 0.05; 10 of them today; 19.5 of 30 days are over, so 61 calls are expected.
    expect(acme).toMatchObject({
      ...{ tenant: 'acme', currency: 'eur', total: { minor: '200', text: '2.00' }, today: { text: '0.50' } },
      forecast: { text: '3.05' },
      tools: [
        {
          ...{ server: 'orders', tool: 'search_orders', quantity: 40, freeQuantity: 0, amount: { text: '2.00' } },
          ...{
            today: { quantity: 10, amount: { text: '0.50' } },
            forecast: { quantity: 61, amount: { text: '3.05' } },
          },
        },
      ],
      unpriced: [{ server: 'orders', tool: 'confirm_refund', quantity: 3 }],
    });
    expect(acme.tools).toHaveLength(1);
  });

  it('accrue every tenant that has usage, and closed months as they were billed', async () => {
    const all = await api.get('/v1/accrual?month=2026-10', 'usage');
    expect(
      all.json.items.map(({ tenant, total }: { tenant: string; total: { text: string } }) => [tenant, total.text]),
    ).toEqual([
      // 100 x 0.05, and 12 invoices of which 2 are free: 10 x 1.00.
      ['acme', '15.00'],
      ['globex', '1400.00'],
    ]);
    const [acme] = (await api.get(`/v1/statements?tenant=acme&month=2026-10`, 'finance')).json.items;
    expect(acme.subtotal.text).toBe('15.00');
    expect((await api.get('/v1/accrual?tenant=acmee')).json).toMatchObject({
      ...{ status: 404, detail: expect.stringContaining('Did you mean acme?') as string },
    });
  });

  it('show statements with lines, allocations and what was not charged', async () => {
    const { json } = await api.get(`/v1/statements/${statement}`, 'finance');
    expect(json).toMatchObject({
      id: statement,
      state: 'sealed',
      lineCount: 2,
      subtotal: { text: '15.00' },
      blockers: [],
    });
    expect(
      json.lines.map((line: { tool: string; quantity: number; amount: { text: string } }) => [
        line.tool,
        line.quantity,
        line.amount.text,
      ]),
    ).toEqual([
      ['create_invoice', 12, '10.00'],
      ['search_orders', 100, '5.00'],
    ]);
    expect(json.lines[1]).toMatchObject({
      ...{ unitAmount: '0.05', billed: [{ outcome: 'ok', quantity: 100 }] },
      allocations: [{ team: 'support', costCenter: 'CC-1', amount: { text: '5.00' }, quantity: 100 }],
      evidenceSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect((await api.get('/v1/statements/stm_none', 'finance')).status).toBe(404);
    expect((await api.get('/v1/statements', 'usage')).status).toBe(403);
  });

  it('give a statement as files, each with its digest', async () => {
    const file = async (name: string) => {
      const { text, headers, status } = await api.get(`/v1/statements/${statement}/${name}`, 'finance');
      expect([name, status]).toEqual([name, 200]);
      expect(headers.get('x-content-sha256')).toBe(createHash('sha256').update(text).digest('hex'));
      return { text, headers };
    };
    const amount = (text: string, column: string): number => {
      const [header = [], ...rows] = readCsv(text);
      return rows.reduce((sum, row) => sum + Math.round(Number(row[header.indexOf(column)]) * 100), 0);
    };
    const lines = await file('lines.csv');
    expect(amount(lines.text, 'Amount')).toBe(1500);
    expect(lines.headers.get('content-disposition')).toBe(`attachment; filename="${statement}.csv"`);
    expect(amount((await file('teams.csv')).text, 'Amount')).toBe(1500);
    const focus = await file('focus.csv');
    expect(amount(focus.text, 'BilledCost')).toBe(1500);
    expect(focus.text).toContain('acme/support,support,Team');
    const page = await file('statement.html');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('Statement for October 2026');
    expect(page.text).toContain('15.00 EUR');
  });

  it('say what tools cost a tenant on a day, and which have no price', async () => {
    const ask = (query: string) => api.get(`/v1/prices/in-force?server=orders&${query}`, 'usage');
    const { json } = await ask('tenant=acme&tool=search_orders&tool=confirm_refund');
    expect(json).toMatchObject({
      ...{ tenant: 'acme', day: '2026-11-20' },
      items: [
        {
          tool: 'search_orders',
          price: { text: '0.05 a call', displayName: 'Search orders', billableOutcomes: ['ok'] },
        },
        { tool: 'confirm_refund' },
      ],
    });
    expect(json.items[1]).not.toHaveProperty('price');
    expect((await ask('tenant=globex&tool=search_orders')).json.items[0]).not.toHaveProperty('price');
    expect((await ask('tool=search_orders')).json.detail).toContain('query.tenant: is missing');
    expect((await api.get('/v1/prices/in-force?server=orders&tool=search_orders', 'acme')).json.tenant).toBe('acme');
    expect((await ask('tenant=acme&tool=search_orders&day=2026-13-01')).json.errors[0].field).toBe('query.day');
    const all = await api.get('/v1/prices?tenant=acme', 'usage');
    expect(all.json.items.map(({ tool }: { tool: string }) => tool)).toEqual(['create_invoice', 'search_orders']);
    expect(all.json.items[0]).toMatchObject({
      ...{ freeUnits: 2, text: 'up to 10: 1, above: 0.5 (each call by its tier)', createdBy: 'ann' },
    });
  });

  it('list tools that were called without a price, and calls that nobody pays for', async () => {
    await test.database('billing.usage_day').insert({
      ...{
        tenant: 'initech',
        day: '2026-11-03',
        server: 'orders',
        tool: 'search_orders',
        kind: 'tool',
        application: 'x',
      },
      ...{
        outcome: 'ok',
        n: 9,
        latency_ms_sum: 0,
        latency_ms_max: 0,
        request_bytes: 0,
        response_bytes: 0,
        updated_at: new Date(),
      },
    });
    const { json } = await api.get('/v1/unpriced', 'usage');
    expect(json.items).toContainEqual({
      ...{ tenant: 'acme', server: 'orders', tool: 'confirm_refund', quantity: 3 },
      ...{ firstDay: '2026-11-01', lastDay: '2026-11-30', pricedIn: [] },
    });
    expect(json.warnings).toEqual([
      '9 successful calls of initech, which has no tenant record: add one and close again.',
    ]);
    expect((await api.get('/v1/unpriced', 'acme')).json.warnings).toEqual([]);
  });
});
