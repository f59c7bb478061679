import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProviderWorld, type ProviderWorld } from '../../stripe/testing/provider-world.ts';
import { hasPostgres } from '../../database/testing/test-database.ts';
import { reconcile } from '../../stripe/reconciliation/reconcile.ts';
import { createTestApi } from '../testing/test-api.ts';
import { seedTwoTenants } from '../testing/two-tenants.ts';
import type { WebhookDeps } from './webhooks.ts';

describe.skipIf(!hasPostgres)('routes of reconciliation', () => {
  let world: ProviderWorld;
  beforeAll(async () => {
    world = await createProviderWorld();
    await seedTwoTenants(world.test.database);
  });
  afterAll(() => world.close());

  it('show kept comparisons with cause and fix of each difference', async () => {
    const report = await reconcile(world.context, { firstDay: '2026-11-01', endDay: '2026-11-11' });
    if (!report.ok) throw new Error(report.error.message);
    const webhooks = { read: () => ({ ok: false, error: 'unused' }) } as unknown as WebhookDeps;
    const api = createTestApi(world.test.database, { stripe: { context: world.context, webhooks } });
    const list = (await api.get('/v1/reconciliation', 'finance')).json;
    expect(list.items).toMatchObject([{ id: report.value.id, firstDay: '2026-11-01', endDay: '2026-11-11' }]);
    const one = (await api.get(`/v1/reconciliation/${report.value.id}`, 'finance')).json;
    expect(one.items.length).toBe(report.value.items.length);
    expect(one.items[0]).toMatchObject({
      hop: expect.any(String) as string,
      fix: expect.stringMatching(/\.$/) as string,
    });
    expect((await api.get('/v1/reconciliation/rec_none', 'finance')).status).toBe(404);
    expect((await api.get('/v1/reconciliation', 'acme')).status).toBe(403);
  });

  it('are empty while Stripe is off', async () => {
    expect((await createTestApi(world.test.database).get('/v1/reconciliation')).json).toEqual({ items: [] });
  });
});
