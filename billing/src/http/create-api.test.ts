import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../database/open-database.ts';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { addToken, createFindAccess, listTokens, revokeToken } from './token-store.ts';
import { createTestApi, TEST_NOW } from './testing/test-api.ts';

describe.skipIf(!hasPostgres)('the API', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.close());

  it('tells nothing to who has no token, not even which paths exist', async () => {
    const api = createTestApi(test.database);
    for (const token of ['', 'wrong'])
      for (const path of ['/v1/budgets', '/v1/nothing', '/']) {
        const { status, json, headers } = await api.get(path, token);
        expect([status, json.code]).toEqual([401, 'unauthorized']);
        expect(headers.get('content-type')).toBe('application/problem+json');
      }
  });

  it('names the path that does not exist, the role that lacks, the parameter that was misspelt', async () => {
    const api = createTestApi(test.database);
    expect((await api.get('/v1/bugets')).json.detail).toBe('There is no GET /v1/bugets; see /openapi.json.');
    expect((await api.get('/v1/budgets', 'audit')).json).toMatchObject({
      ...{ status: 403, detail: expect.stringContaining('lacks the role usage or finance') as string },
    });
    expect((await api.get('/v1/budgets?tennant=acme')).json.errors).toEqual([
      { field: 'query', problem: 'has no tennant', fix: 'Did you mean tenant? It may have tenant.' },
    ]);
  });

  it('refuses bodies that are no JSON, of another type, or too large', async () => {
    const api = createTestApi(test.database);
    const put = (body: string, type = 'application/json') =>
      api.app.request('/v1/budgets/a', {
        method: 'PUT',
        headers: { authorization: 'Bearer admin', 'content-type': type, 'content-length': String(body.length) },
        body,
      });
    expect((await put('{')).status).toBe(400);
    expect((await put('{}', 'text/plain')).status).toBe(415);
    expect((await put(`"${'x'.repeat(70_000)}"`)).status).toBe(413);
  });

  it('answers 503 with Retry-After while the database is away, and logs why', async () => {
    const away = openDatabase('postgresql://nobody:secret@127.0.0.1:1/none');
    const api = createTestApi(away);
    const { status, json, headers } = await api.get('/v1/budgets');
    expect([status, json.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '5']);
    expect(api.events[0]?.message).toBe('the database is away');
    expect(JSON.stringify(api.events)).not.toContain('secret');
    await away.destroy();
  });

  it('answers a defect with 500 and its number in the log, and nothing of what it was', async () => {
    const api = createTestApi(test.database, {
      now: () => {
        throw new Error('inner detail');
      },
    });
    const { status, text, headers } = await api.get('/v1/budgets');
    expect(status).toBe(500);
    expect(text).not.toContain('inner detail');
    expect(api.events[0]).toMatchObject({ error: 'inner detail', requestId: headers.get('x-request-id') });
  });

  describe('tokens', () => {
    const find = (token: string, now = TEST_NOW) =>
      createFindAccess({ database: test.database, bootstrapToken: 'b'.repeat(32), now: () => now })(token);

    it('are found by digest with their roles and tenant, until they expire or are revoked', async () => {
      const { id, token } = await addToken(test.database, {
        ...{ name: 'portal', roles: ['usage', 'audit'], tenant: 'acme', expiresAt: new Date(TEST_NOW + 1) },
      });
      expect(await find(token)).toEqual({ tokenId: id, roles: ['usage', 'audit'], tenant: 'acme' });
      expect(await find(token, TEST_NOW + 1)).toBeUndefined();
      expect(await find(`${token}x`)).toBeUndefined();
      expect(JSON.stringify(await test.database('billing.api_token'))).not.toContain(token);
      expect(await revokeToken(test.database, id)).toBe(true);
      expect(await revokeToken(test.database, id)).toBe(false);
      expect(await find(token)).toBeUndefined();
      expect(await listTokens(test.database)).toMatchObject([
        { id, name: 'portal', revokedAt: expect.any(Date) as Date },
      ]);
    });

    it('of the environment is an admin without a row, and long enough not to be guessed', async () => {
      expect(await find('b'.repeat(32))).toEqual({ tokenId: 'bootstrap', roles: ['admin'] });
      expect(await find('b'.repeat(33))).toBeUndefined();
      expect(() => createFindAccess({ database: test.database, bootstrapToken: 'short' })).toThrow('at least 32');
    });
  });
});
