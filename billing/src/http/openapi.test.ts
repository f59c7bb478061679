import openapiTs, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { createBillingClient } from '../client/create-client.ts';
import { openDatabase } from '../database/open-database.ts';
import { createTestDatabase, hasPostgres } from '../database/testing/test-database.ts';
import { describeApi } from './create-api.ts';
import { createTestApi } from './testing/test-api.ts';
import { seedTwoTenants } from './testing/two-tenants.ts';

const unused = openDatabase('postgresql://nobody@127.0.0.1:1/none');
const document = describeApi(createTestApi(unused).app);

const formatted = async (text: string, file: string): Promise<string> =>
  format(text, { ...(await resolveConfig(import.meta.filename)), filepath: file });

describe('the OpenAPI document', () => {
  it('is docs/billing-openapi.json (vitest -u writes it anew)', async () => {
    const text = await formatted(JSON.stringify(document), 'billing-openapi.json');
    await expect(text).toMatchFileSnapshot('../../../docs/billing-openapi.json');
  });

  it('is what the client is typed with (vitest -u writes it anew)', async () => {
    const types = astToString(await openapiTs(structuredClone(document) as OpenAPI3, { alphabetize: false }));
    const banner =
      '/* Made from docs/billing-openapi.json by billing/src/http/openapi.test.ts. */\n/* eslint-disable */\n';
    await expect(await formatted(banner + types, 'schema.ts')).toMatchFileSnapshot('../client/schema.ts');
  });

  it('has a summary, a tag and a refusal for every route', () => {
    for (const [path, methods] of Object.entries(document.paths ?? {}))
      for (const [method, operation] of Object.entries(methods as Record<string, Record<string, unknown>>)) {
        const isOpen = operation['x-access'] === 'open';
        expect([method, path, typeof operation['summary'], Array.isArray(operation['tags'])]).toEqual([
          method,
          path,
          'string',
          true,
        ]);
        expect([path, 'default' in (operation['responses'] as object)]).toEqual([path, !isOpen]);
      }
  });
});

describe.skipIf(!hasPostgres)('the typed client', () => {
  it('asks the API with types, lists and all, and gives problems as values', async () => {
    const test = await createTestDatabase();
    await seedTwoTenants(test.database);
    const { app } = createTestApi(test.database);
    const client = createBillingClient({
      ...{ url: 'http://billing.test', token: 'acme' },
      fetch: (request) => Promise.resolve(app.fetch(request)),
    });
    const accrual = await client.GET('/v1/accrual', { params: { query: {} } });
    expect(accrual.data?.items[0]?.total.text).toBe('2.00');
    const usage = await client.GET('/v1/usage', { params: { query: { group_by: ['application', 'day'] } } });
    expect(usage.data?.groupBy).toEqual(['application', 'day']);
    const other = await client.GET('/v1/usage', { params: { query: { tenant: 'globex' } } });
    expect([other.response.status, other.error?.code]).toEqual([403, 'forbidden']);
    await test.close();
  });
});
