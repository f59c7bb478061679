import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../database/testing/test-database.ts';
import { importPrices } from '../../price-book/import-prices.ts';
import { readPriceDocument } from '../../price-book/read-price-document.ts';
import { createStripeClient } from '../client/create-stripe-client.ts';
import type { ProviderContext } from '../provider-context.ts';
import { listObjects } from '../provider-objects.ts';
import { findSubscription } from '../subscriptions.ts';
import { Crash, crashing, createProviderWorld, type ProviderWorld } from '../testing/provider-world.ts';
import { applyCatalog } from './apply-catalog.ts';
import { describeChange } from './catalog-change.ts';
import type { CatalogPlan } from './compare-catalog.ts';
import { planCatalog, type CatalogOptions } from './plan-catalog.ts';

const document = `
version: 1
tenants:
  - { id: acme, name: Acme GmbH, currency: eur }
  - { id: bolt, name: Bolt Ltd, currency: eur, line_mode: lines }
prices:
  - { server: web, tool: search, currency: eur, model: flat, unit_amount: "0.0025", free_units: 100, effective_from: 2026-01-01, name: Web search }
  - { server: web, tool: fetch, currency: eur, model: package, size: 100, amount: "1", effective_from: 2026-01-01 }
`;

describe.skipIf(!hasPostgres)('the catalog', () => {
  let world: ProviderWorld;
  beforeEach(async () => {
    world = await createProviderWorld();
    await load(document);
  });
  afterEach(() => world.close());

  const load = async (text: string): Promise<void> => {
    const read = readPriceDocument(text);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const done = await importPrices(world.test.database, read.value, { actor: 'ann' });
    if (!done.ok) throw new Error(JSON.stringify(done.error));
  };
  const plan = async (options: CatalogOptions = {}, change: Partial<ProviderContext> = {}): Promise<CatalogPlan> => {
    const planned = await planCatalog(world.contextWith(change), options);
    if (!planned.ok) throw new Error(planned.error.message);
    return planned.value;
  };
  const said = ({ changes }: CatalogPlan): readonly string[] => changes.map(describeChange);
  const apply = async (context: ProviderContext = world.context, options: CatalogOptions = {}): Promise<void> => {
    const applied = await applyCatalog(context, await plan(options));
    if (!applied.ok) throw new Error(`${applied.error.failedAt}: ${applied.error.failure.message}`);
  };
  const stripe = () => createStripeClient(world.connection);
  const subscriptions = () => [...world.double.account.subscriptions.values()];

  it('says what it would make before it makes anything, and has nothing to do afterwards', async () => {
    const first = await plan();
    expect(first.problems).toEqual([]);
    const prices = [...first.changes].flatMap((change) =>
      change.action === 'create' && change.kind === 'price' ? [change.price.key] : [],
    );
    expect(said(first)).toEqual([
      '+ create customer acme (Acme GmbH)',
      '+ create customer bolt (Bolt Ltd)',
      '+ create meter mcp.web.fetch',
      '+ create meter mcp.web.search',
      '+ create product web/fetch (web/fetch)',
      '+ create product web/search (Web search)',
      `+ create price ${prices[0]}: 100 minor units of eur for each 100 calls begun`,
      `+ create price ${prices[1]}: 2 graduated tiers in eur`,
      '+ create subscription of acme with 2 prices',
    ]);
    expect(world.double.account.customers.size).toBe(0);
    await apply();
    expect(said(await plan())).toEqual([]);
    expect((await plan()).modes).toEqual([
      { tenant: 'acme', mode: 'meters', because: [] },
      { tenant: 'bolt', mode: 'lines', because: ['the tenant is set to lines'] },
    ]);
  });

  it('makes subscriptions of whole months: from the first at 00:00:00 UTC, with explicit flexible billing', async () => {
    await apply();
    expect(subscriptions()).toMatchObject([{ status: 'active', billingMode: 'flexible' }]);
    expect(subscriptions()[0]?.periodStart).toBe(Date.UTC(2026, 10, 1) / 1000);
    expect(subscriptions()[0]?.periodEnd).toBe(Date.UTC(2026, 11, 1) / 1000);
    expect(await findSubscription(world.context, { tenant: 'acme', month: '2026-11' })).toBe(subscriptions()[0]?.id);
    expect(await findSubscription(world.context, { tenant: 'acme', month: '2026-10' })).toBeUndefined();
  });

  it('goes on after a death at any step without making anything twice, also days later', async () => {
    for (let calls = 1; calls < 12; calls++)
      for (const moment of ['before', 'after'] as const) {
        let seen = 0;
        const provider = crashing(world.context.provider, (name) =>
          /^(create|update)/.test(name) && ++seen === calls ? moment : undefined,
        );
        const planned = await plan();
        await applyCatalog(world.contextWith({ provider }), planned).catch((error: unknown) => {
          expect(error).toBeInstanceOf(Crash);
        });
        world.advance(2 * 86_400_000);
      }
    world.advance(0);
    await apply();
    const { customers, meters, products, prices } = world.double.account;
    expect([customers.size, meters.size, products.size, prices.size]).toEqual([2, 2, 2, 2]);
    expect(subscriptions().filter(({ status }) => status === 'active')).toHaveLength(1);
    expect(said(await plan())).toEqual([]);
  });

  it('adopts what the provider has when our tables are lost', async () => {
    await apply();
    const before = await listObjects(world.context, 'product');
    for (const table of ['stripe_object', 'stripe_meter', 'stripe_subscription'])
      await world.test.database(table).delete();
    const changes = said(await plan());
    expect(changes).toHaveLength(9);
    expect(changes.every((change) => change.startsWith('= adopt'))).toBe(true);
    await apply();
    expect(await listObjects(world.context, 'product')).toEqual(before);
    expect(said(await plan())).toEqual([]);
  });

  it('uses a customer that the operator had before, and not in the shadow of it', async () => {
    const customer = await stripe().customers.create({ name: 'Acme, since 2019' });
    await world.test.database('tenant').where({ id: 'acme' }).update({ stripe_customer_id: customer.id });
    expect(said(await plan())[0]).toBe(`= adopt customer acme (${customer.id})`);
    await apply();
    expect(said(await plan())).toEqual([]);
    const shadow = world.contextWith({ mode: 'shadow', environment: 'shadow' });
    const planned = await planCatalog(shadow);
    expect(planned.ok && said(planned.value)[0]).toBe('+ create customer acme (Acme GmbH)');
  });

  it('renames, and deactivates what has no price any more', async () => {
    await apply();
    await load(`
version: 1
tenants: [{ id: acme, name: Acme SE, currency: eur }]
prices:
  - { server: web, tool: search, currency: eur, model: flat, unit_amount: "0.003", effective_from: 2026-12-01, name: Search }
  - { server: web, tool: fetch, currency: eur, model: package, size: 100, amount: "1", effective_from: 2026-11-01, effective_to: 2026-12-01 }
`);
    world.advance(25 * 86_400_000);
    const changes = said(await plan());
    expect(changes).toContainEqual(expect.stringMatching(/^~ rename customer \S+: "Acme GmbH" becomes "Acme SE"$/));
    expect(changes).toContainEqual(expect.stringMatching(/^~ rename meter \S+: "Web search" becomes "Search"$/));
    expect(changes).toContainEqual(expect.stringMatching(/^- deactivate price /));
    await apply();
    expect(said(await plan())).toEqual([]);
  });

  it('replaces a subscription whose prices change with the month; the month before stays with the old one', async () => {
    await apply();
    const [november] = subscriptions();
    await load(`
version: 1
prices:
  - { server: web, tool: fetch, currency: eur, model: flat, unit_amount: "0.02", effective_from: 2026-12-01 }
`);
    expect(said(await plan())).toEqual([]);
    world.advance(21 * 86_400_000);
    expect(said(await plan()).filter((change) => change.includes('subscription'))).toEqual([
      `- end subscription of acme (${november?.id})`,
      '+ create subscription of acme with 2 prices',
    ]);
    await apply();
    const december = subscriptions().find(({ status }) => status === 'active');
    expect(await findSubscription(world.context, { tenant: 'acme', month: '2026-11' })).toBe(november?.id);
    expect(await findSubscription(world.context, { tenant: 'acme', month: '2026-12' })).toBe(december?.id);
    expect(december?.periodStart).toBe(Date.UTC(2026, 11, 1) / 1000);
  });

  it('ends the subscription in a month in which a price changes, and begins it again in the next', async () => {
    await apply();
    await load(`
version: 1
prices:
  - { server: web, tool: fetch, currency: eur, model: flat, unit_amount: "0.02", effective_from: 2026-11-15 }
`);
    const changed = await plan();
    expect(said(changed).filter((change) => change.includes('subscription'))).toHaveLength(1);
    expect(changed.modes[0]).toEqual({
      tenant: 'acme',
      mode: 'lines',
      because: ['web/fetch: its price changes within the period'],
    });
    await apply();
    expect(await findSubscription(world.context, { tenant: 'acme', month: '2026-11' })).toBeUndefined();
    world.advance(21 * 86_400_000);
    await apply();
    expect(await findSubscription(world.context, { tenant: 'acme', month: '2026-12' })).toBeDefined();
  });

  it('fails with the fix when a deactivated meter holds the name, and applies nothing', async () => {
    await apply();
    const meter = [...world.double.account.meters.values()].find(({ eventName }) => eventName === 'mcp.web.search');
    await stripe().billing.meters.deactivate(meter?.id ?? '');
    const broken = await plan();
    expect(broken.problems).toEqual([
      {
        subject: 'meter mcp.web.search',
        problem: `${meter?.id} is deactivated and still holds the name, so that no other meter can have it.`,
        fix: 'Run stoa-billing catalog apply --reactivate, or activate it at the provider.',
      },
    ]);
    await expect(applyCatalog(world.context, broken)).rejects.toThrow('problems');
    await apply(world.context, { isReactivating: true });
    expect(meter).toMatchObject({ active: true });
  });

  it('fails with the fix when another kind of meter has the name for ever, and takes another prefix', async () => {
    await stripe().billing.meters.create({
      display_name: 'somebody else',
      event_name: 'mcp.web.search',
      default_aggregation: { formula: 'count' },
    });
    expect((await plan()).problems).toMatchObject([
      { subject: 'meter mcp.web.search', fix: expect.stringContaining('STRIPE_METER_PREFIX') },
    ]);
    await applyCatalog(world.context, await plan({}, { meterPrefix: 'tools' }));
    const names = (): readonly string[] => [...world.double.account.meters.values()].map((meter) => meter.eventName);
    expect(names()).toEqual(['mcp.web.search', 'tools.web.fetch', 'tools.web.search']);
  });

  it('keeps the meters it has when names begin with something else', async () => {
    await apply();
    expect(said(await plan({}, { meterPrefix: 'tools' }))).toEqual([]);
  });

  it('makes no price and no subscription for a tenant that is invoiced by lines', async () => {
    const many = Array.from(
      { length: 21 },
      (_, index) =>
        `  - { server: api, tool: t${index}, currency: eur, model: flat, unit_amount: "1", effective_from: 2026-01-01 }`,
    );
    await load(`version: 1\nprices:\n${many.join('\n')}\n`);
    const changes = said(await plan());
    expect(changes.filter((change) => /create (price|subscription)/.test(change))).toEqual([]);
    expect(changes.filter((change) => change.startsWith('+ create meter'))).toHaveLength(23);
  });

  it('stops with what failed, and the next plan has the rest', async () => {
    world.double.faults.add({ kind: 'timeout-before-apply', path: '/v1/products', method: 'POST' });
    const stopped = await applyCatalog(world.context, await plan());
    expect(stopped).toMatchObject({
      ok: false,
      error: { applied: 4, failedAt: '+ create product web/fetch (web/fetch)', failure: { kind: 'unavailable' } },
    });
    world.double.faults.clear();
    expect(said(await plan())).toHaveLength(5);
  });
});
