import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evaluateBudgets } from '../../budgets/evaluate-budgets.ts';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../../database/testing/test-database.ts';
import type { Spending } from '../../domain/budgets/budget.ts';
import { createTestApi, TEST_NOW, type TestApi } from '../testing/test-api.ts';

const wanted = {
  tenant: 'acme',
  scope: { kind: 'tenant' },
  limit: { kind: 'amount', minor: '10000' },
  enforcement: 'enabled',
};

describe.skipIf(!hasPostgres)('routes of budgets', () => {
  let test: TestDatabase;
  let api: TestApi;
  beforeEach(async () => {
    test = await createTestDatabase();
    await test.database('billing.tenant').insert([
      { id: 'acme', name: 'Acme', currency: 'eur' },
      { id: 'globex', name: 'Globex', currency: 'usd' },
    ]);
    api = createTestApi(test.database);
  });
  afterEach(() => test.close());

  const put = (id: string, body: unknown, token = 'finance') => api.send('PUT', `/v1/budgets/${id}`, { token, body });
  const spend = (amountMinor: bigint) =>
    evaluateBudgets({
      database: test.database,
      spendingOf: () => Promise.resolve([{ amountMinor, quantity: 1n } as unknown as Spending]),
      now: TEST_NOW,
    });

  it('make, show, replace and delete a budget', async () => {
    const made = await put('acme-month', wanted);
    expect(made.json).toMatchObject({
      ...{ id: 'acme-month', period: 'month', updatedBy: 'tok-finance', enforcement: 'enabled' },
      limit: { kind: 'amount', amount: { minor: '10000', currency: 'eur', text: '100.00' } },
    });
    expect(made.json).not.toHaveProperty('state');
    await spend(7_999n);
    expect((await api.get('/v1/budgets')).json.items[0].state).toMatchObject({
      ...{ percent: 79, isExhausted: false, spent: { amount: { text: '79.99' } } },
    });
    await put('acme-month', { ...wanted, limit: { kind: 'quantity', quantity: 5 }, enforcement: 'warn_only' });
    expect((await api.get('/v1/budgets')).json.items).toMatchObject([
      { enforcement: 'warn_only', limit: { kind: 'quantity', quantity: 5 } },
    ]);
    expect((await api.send('DELETE', '/v1/budgets/acme-month', { token: 'finance' })).status).toBe(204);
    expect((await api.send('DELETE', '/v1/budgets/acme-month', { token: 'finance' })).status).toBe(404);
  });

  it.each<[string, unknown, string, string]>([
    ['Acme Month', wanted, 'path.id', 'is not an id'],
    ['a', { ...wanted, limit: { kind: 'amount', minor: '100.00' } }, 'body.limit.minor', 'is not an amount'],
    ['a', { ...wanted, limit: { kind: 'quantity', quantity: -1 } }, 'body.limit.quantity', ''],
    ['a', { ...wanted, scope: { kind: 'team' } }, 'body.scope.team', 'is missing'],
    ['a', { ...wanted, scope: { kind: 'team', team: 'sup*' } }, 'body.scope.team', 'holds a *'],
    ['a', { ...wanted, scope: { kind: 'planet' } }, 'body.scope.kind', ''],
    ['a', { ...wanted, enforcement: 'enable' }, 'body.enforcement', 'is not one of enabled, warn_only, disabled'],
    ['a', { ...wanted, enforcment: 'enabled' }, 'body', 'has no enforcment'],
  ])('refuse %s %j: %s %s', async (id, body, field, wrong) => {
    const { status, json, headers } = await put(encodeURIComponent(id), body);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(json.errors[0]).toMatchObject({ field, problem: expect.stringContaining(wrong) as string });
    expect(json.errors[0].fix).not.toBe('');
    expect(json.detail).toContain(field);
  });

  it('name the tenant that was meant, and do not take over a budget of another', async () => {
    expect((await put('a', { ...wanted, tenant: 'acmee' })).json.detail).toBe(
      'There is no tenant acmee. Did you mean acme? Add one with: stoa-billing tenant add acmee.',
    );
    await put('a', wanted);
    expect((await put('a', { ...wanted, tenant: 'globex' })).json).toMatchObject({ code: 'conflict' });
    const stolen = await put('a', { ...wanted, tenant: 'globex' }, 'globex');
    expect(stolen.status).toBe(409);
    expect((await api.send('DELETE', '/v1/budgets/a', { token: 'globex' })).status).toBe(404);
    expect((await put('b', wanted, 'globex')).json).toMatchObject({ code: 'forbidden' });
  });

  it('tell the gateway what to refuse, under a revision that is the ETag', async () => {
    await put('acme-month', wanted);
    await put('globex-month', { ...wanted, tenant: 'globex' });
    await spend(10_000n);
    const all = await api.get('/v1/budgets/enforcement');
    expect(all.json.limits.map(({ id }: { id: string }) => id)).toEqual(['budget-acme-month', 'budget-globex-month']);
    expect(all.headers.get('etag')).toBe(`"${all.json.revision}"`);
    expect((await api.get('/v1/budgets/enforcement', 'globex')).json.exhausted).toEqual([
      { budget: 'globex-month', tenant: 'globex', scope: 'tenant globex' },
    ]);
  });

  describe('GET /v1/policy', () => {
    const base = 'version: 1\nlimits: []\n';
    const gateway = (headers: Record<string, string> = {}) =>
      api.app.request('/v1/policy', { headers: { authorization: 'Bearer gateway', ...headers } });

    it('is the document and the limits, signed, and 304 while nothing changes', async () => {
      const hmacSecret = 'a-secret-of-the-gateways';
      api = createTestApi(test.database, { policy: { readBase: () => Promise.resolve(base), hmacSecret } });
      await put('acme-month', wanted);
      const before = await gateway();
      const etag = before.headers.get('etag') ?? '';
      expect(await before.json()).toEqual({ version: 1, limits: [] });
      expect((await gateway({ 'if-none-match': etag })).status).toBe(304);
      await spend(10_000n);
      const after = await gateway({ 'if-none-match': etag });
      const body = await after.text();
      expect(JSON.parse(body)).toMatchObject({ version: 1, limits: [{ id: 'budget-acme-month', limit: 0 }] });
      expect(after.headers.get('x-policy-signature')).toBe(
        `sha256=${createHmac('sha256', hmacSecret).update(body).digest('hex')}`,
      );
    });

    it('is refused while the document cannot be read, so that gateways keep what they have', async () => {
      api = createTestApi(test.database, { policy: { readBase: () => Promise.reject(new Error('ENOENT')) } });
      expect((await gateway()).status).toBe(503);
      api = createTestApi(test.database, { policy: { readBase: () => Promise.resolve('- a') } });
      expect((await gateway()).status).toBe(503);
    });

    it('is for gateways and admins only', async () => {
      for (const token of ['usage', 'finance', 'audit', 'acme', 'globex'])
        expect((await api.get('/v1/policy', token)).status).toBe(403);
      expect((await api.get('/v1/policy', 'admin')).json).toEqual({ version: 1, limits: [] });
    });
  });
});
