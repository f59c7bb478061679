import path from 'node:path';
import { allRoutes } from '../routes/allRoutes';
import type { Services } from '../services';
import { buildOpenApi } from './buildOpenApi';

/** Routes hold on to services and use none before they are asked. */
const routes = allRoutes({} as Services);
const file = path.resolve(__dirname, '../../openapi.json');

describe('the OpenAPI document', () => {
  it('is the one in openapi.json (vitest run --project backend tool-catalog-backend/src/openapi -u writes it)', async () => {
    await expect(`${JSON.stringify(buildOpenApi(routes), undefined, 2)}\n`).toMatchFileSnapshot(file);
  });

  it('names each operation once, and says which ask for a second factor', () => {
    const names = routes.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    const guarded = routes.filter(({ needsSecondFactor }) => needsSecondFactor).map(({ operationId }) => operationId);
    expect(guarded.sort()).toEqual(['createKey', 'cutOffKey', 'revokeKey', 'rotateKey']);
  });
});
