import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import type { AccessRule } from './access.ts';
import { describeApi } from './create-api.ts';
import { createTestApi, type TestApi } from './testing/test-api.ts';
import { SECRET, seedTwoTenants, statementOf } from './testing/two-tenants.ts';

interface Operation {
  readonly 'x-access'?: AccessRule | 'open';
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean }[];
}

/** A body for the routes that take one, of the given tenant. */
const bodies: Readonly<Record<string, (tenant: string) => unknown>> = {
  'PUT /v1/budgets/{id}': (tenant) => ({
    ...{ tenant, scope: { kind: 'tenant' }, limit: { kind: 'quantity', quantity: 1 }, enforcement: 'disabled' },
  }),
};

/** Query parameters that a route cannot do without. */
const required: Readonly<Record<string, string>> = { server: 'orders', tool: 'search_orders', group_by: 'tool' };

describe.skipIf(!hasPostgres)('a token of one tenant', () => {
  let test: TestDatabase;
  let api: TestApi;
  const operations: {
    readonly key: string;
    readonly method: string;
    readonly path: string;
    readonly operation: Operation;
  }[] = [];
  /** Ids that globex has, by path. */
  let others: Readonly<Record<string, Readonly<Record<string, string>>>>;

  beforeAll(async () => {
    test = await createTestDatabase();
    await seedTwoTenants(test.database);
    api = createTestApi(test.database);
    for (const [path, methods] of Object.entries(describeApi(api.app).paths ?? {}))
      for (const [method, operation] of Object.entries(methods as Record<string, Operation>))
        operations.push({ key: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path, operation });
    const statement = await statementOf(test.database, 'globex');
    const [invocation = ''] = await test
      .database('billing.invocation')
      .where({ tenant: 'globex' })
      .limit(1)
      .pluck<string[]>('id');
    others = {
      '/v1/budgets/{id}': { id: 'globex-month' },
      '/v1/statements/{id}': { id: statement, lineNo: '1' },
      '/v1/invocations/{id}': { id: invocation },
      '/v1/reconciliation/{id}': { id: 'rec_of_everybody' },
    };
  });
  afterAll(() => test.close());

  const idsFor = (path: string): Readonly<Record<string, string>> =>
    Object.entries(others).find(([prefix]) => path.startsWith(prefix))?.[1] ?? {};

  /** The path with the other tenant's ids in it. */
  const fill = (path: string): string =>
    path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = idsFor(path)[name];
      if (value === undefined) throw new Error(`Say in this test which ${name} globex has at ${path}.`);
      return encodeURIComponent(value);
    });

  const queryOf = ({ parameters = [] }: Operation, tenant?: string): string => {
    const names = parameters.filter((parameter) => parameter.in === 'query');
    const query = new URLSearchParams();
    for (const { name, required: isRequired } of names) if (isRequired === true) query.set(name, required[name] ?? '');
    if (tenant !== undefined && names.some(({ name }) => name === 'tenant')) query.set('tenant', tenant);
    return query.size === 0 ? '' : `?${query.toString()}`;
  };

  it('is asked for by every route but those that say nothing about anybody', () => {
    const open = operations.filter(({ operation }) => operation['x-access'] === 'open').map(({ key }) => key);
    expect(open).toEqual(['GET /healthz', 'GET /readyz']);
    expect(operations.filter(({ operation }) => operation['x-access'] === undefined)).toEqual([]);
    expect(operations.length).toBeGreaterThan(12);
  });

  it('sees nothing of another tenant at any route, whatever it asks for', async () => {
    const seen: string[] = [];
    for (const { key, method, path, operation } of operations) {
      if (operation['x-access'] === 'open') continue;
      for (const tenant of [undefined, 'acme', 'globex']) {
        const body = bodies[key]?.(tenant ?? 'globex');
        const answer = await api.send(method, `${fill(path)}${queryOf(operation, tenant)}`, {
          token: 'acme',
          ...(body === undefined ? {} : { body }),
        });
        seen.push(`${answer.status}`);
        const isAnswered = answer.status < 300;
        expect(`${key} ${answer.status} ${answer.text}`).not.toContain(SECRET);
        // 204 and 409 would say that the other tenant's thing is there.
        if (path.includes('{') && operation['x-access'] !== undefined) expect([key, isAnswered]).toEqual([key, false]);
        const takesTenant = operation.parameters?.some(({ name }) => name === 'tenant') === true;
        if (takesTenant && tenant === 'globex') expect([key, answer.status]).toEqual([key, 403]);
      }
    }
    // The loop saw answers and refusals, or it proves nothing.
    expect(seen.filter((status) => status === '200').length).toBeGreaterThan(5);
    expect(seen.filter((status) => status === '403').length).toBeGreaterThan(5);
  });

  it('sees the cost centers of its own tenant only', async () => {
    const place = '/v1/usage?from=2026-10-01&to=2026-12-01&group_by=tenant&group_by=team&group_by=cost_center';
    const [own, all] = [await api.get(place, 'acme'), await api.get(place, 'admin')];
    expect([own.text.includes('CC-1'), own.text.includes(SECRET)]).toEqual([true, false]);
    expect(all.text).toContain(`${SECRET}-cc`);
  });

  it('is refused wherever the answer is about all tenants', async () => {
    for (const { key, method, path, operation } of operations) {
      const rule = operation['x-access'];
      if (rule === undefined || rule === 'open' || rule.reach !== 'operator') continue;
      const { status } = await api.send(method, path, { token: 'globex' });
      expect([key, status]).toEqual([key, 403]);
    }
  });

  it('is what hides: without the restriction the same routes do show the other tenant', async () => {
    for (const path of ['/v1/accrual', '/v1/statements', '/v1/budgets', '/v1/prices', '/v1/unpriced', '/v1/usage'])
      expect([path, (await api.get(path, 'admin')).text.includes(SECRET)]).toEqual([path, true]);
  });
});
