import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { loadAllocationRules } from './allocation-store.ts';
import { importPrices, type ImportReport } from './import-prices.ts';
import { planImport } from './plan-import.ts';
import { listPrices, loadPools, pricesInForce } from './price-store.ts';
import { readPriceDocument } from './read-price-document.ts';
import { findTenant } from './tenant-store.ts';
import type { Issue } from '../domain/issue.ts';
import type { Result } from '../domain/result.ts';

const document = `
version: 1
tenants:
  - { id: acme, name: Acme GmbH, currency: eur, minimum: "100.00" }
  - { id: bolt, name: Bolt Ltd, currency: usd }
pools:
  - { id: starter, units: 1000, effective_from: 2026-01-01 }
prices:
  - server: weather
    tool: forecast
    currency: eur
    model: graduated
    tiers: [{ up_to: 1000, unit_amount: "0.01", flat_amount: "5" }, { unit_amount: "0.005" }]
    free_units: 100
    pool: starter
    minimum: "2.50"
    billable_outcomes: [tool_error, ok]
    effective_from: 2026-01-01
    effective_to: 2027-01-01
    name: Weather forecast
    note: agreed in December
  - { server: weather, tool: '*', currency: eur, model: package, size: 1000, amount: "5", effective_from: 2026-01-01 }
  - { server: weather, tool: '*', tenant: acme, currency: eur, model: flat, unit_amount: "0.004", effective_from: 2026-02-01 }
  - { server: weather, tool: forecast, currency: usd, model: volume, tiers: [{ unit_amount: "0.02" }], effective_from: 2026-01-01 }
allocations:
  - tenant: acme
    effective_from: 2026-01-01
    rules:
      - { application: bot, team: red, cost_center: "100", weight_bp: 4000 }
      - { application: bot, team: blue, cost_center: "200", weight_bp: 6000 }
`;

describe.skipIf(!hasPostgres)('the price book', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.close());

  const load = async (
    text: string,
    options: { readonly isDryRun?: boolean } = {},
  ): Promise<Result<ImportReport, readonly Issue[]>> => {
    const read = readPriceDocument(text);
    return read.ok ? importPrices(test.database, read.value, { actor: 'ann', ...options }) : read;
  };
  const pathsOf = async (text: string): Promise<readonly string[]> => {
    const done = await load(text);
    return done.ok ? [] : done.error.map(({ path }) => path);
  };

  it('says what a document would do, and does it only when asked', async () => {
    const dry = await load(document, { isDryRun: true });
    expect(dry).toMatchObject({ ok: true, value: { isDryRun: true, tenants: ['acme', 'bolt'], unchanged: 0 } });
    expect(dry.ok && dry.value.prices).toHaveLength(4);
    expect(await listPrices(test.database)).toEqual([]);
    expect(await load(document)).toMatchObject({
      ok: true,
      value: { tenants: ['acme', 'bolt'], allocations: ['acme'] },
    });
  });

  it('reads back what was written, to the digit', async () => {
    const [stored] = (await listPrices(test.database, { server: 'weather' })).filter(({ note }) => note !== undefined);
    expect(stored).toMatchObject({
      note: 'agreed in December',
      createdBy: 'ann',
      version: {
        server: 'weather',
        tool: 'forecast',
        currency: 'eur',
        price: {
          model: 'graduated',
          tiers: [{ upTo: 1000n, unitAmount: '0.01', flatAmount: '5' }, { unitAmount: '0.005' }],
        },
        freeUnits: 100n,
        pool: 'starter',
        minimumMinor: 250n,
        billableOutcomes: ['ok', 'tool_error'],
        effectiveFrom: '2026-01-01',
        effectiveTo: '2027-01-01',
        displayName: 'Weather forecast',
      },
    });
    expect(await loadPools(test.database)).toEqual([{ id: 'starter', units: 1000n, effectiveFrom: '2026-01-01' }]);
    expect(await findTenant(test.database, 'acme')).toMatchObject({
      currency: 'eur',
      minimumMinor: 10_000n,
      status: 'active',
    });
    expect(await loadAllocationRules(test.database, 'acme')).toMatchObject([
      { application: 'bot', effectiveFrom: '2026-01-01' },
      { application: 'bot', effectiveFrom: '2026-01-01' },
    ]);
  });

  it('takes the same document again and adds nothing', async () => {
    expect(await load(document)).toEqual({
      ok: true,
      value: { isDryRun: false, tenants: [], pools: [], prices: [], allocations: [], unchanged: 5 },
    });
  });

  it('says what each tool costs a tenant on a day', async () => {
    const tools = ['forecast', 'alerts'].map((tool) => ({ server: 'weather', tool }));
    const on = async (tenant: string, day: string): Promise<unknown> =>
      (await pricesInForce(test.database, { tenant, day, tools }))?.map(({ version }) => version?.price.model);
    expect(await on('acme', '2026-01-31')).toEqual(['graduated', 'package']);
    expect(await on('acme', '2026-02-01')).toEqual(['flat', 'flat']);
    expect(await on('bolt', '2026-02-01')).toEqual(['volume', undefined]);
    expect(await on('nobody', '2026-02-01')).toBeUndefined();
  });

  it('refuses to change or delete a price, also in SQL, but takes the ids of Stripe', async () => {
    const table = () => test.database('billing.price_version');
    await expect(table().update({ free_units: 5 })).rejects.toThrow('never changed');
    await expect(table().delete()).rejects.toThrow('never changed');
    await expect(test.database.raw('truncate billing.price_version cascade')).rejects.toThrow('never changed');
    await expect(test.database('billing.free_pool').update({ units: 5 })).rejects.toThrow('never changed');
    await expect(table().where({ currency: 'usd' }).update({ stripe_price_id: 'price_1' })).resolves.toBe(1);
  });

  it.each([
    [
      'another price of the same scope and day',
      `prices: [{ server: weather, tool: '*', currency: eur, model: flat, unit_amount: "1", effective_from: 2026-01-01 }]`,
      'prices[0]',
    ],
    [
      'the same scope twice in one document',
      `prices: [{ server: a, tool: b, currency: eur, model: flat, unit_amount: "1", effective_from: 2026-01-01 }, { server: a, tool: b, currency: eur, model: flat, unit_amount: "2", effective_from: 2026-01-01 }]`,
      'prices[1]',
    ],
    ['a pool of another size', 'pools: [{ id: starter, units: 5, effective_from: 2026-01-01 }]', 'pools[0].units'],
    [
      'an unknown pool',
      `prices: [{ server: a, tool: b, currency: eur, model: flat, unit_amount: "1", pool: startr, effective_from: 2026-01-01 }]`,
      'prices[0].pool',
    ],
    [
      'an unknown tenant',
      `prices: [{ server: a, tool: b, tenant: acmee, currency: eur, model: flat, unit_amount: "1", effective_from: 2026-01-01 }]`,
      'prices[0].tenant',
    ],
    [
      'a day that is none',
      `prices: [{ server: a, tool: b, currency: eur, model: flat, unit_amount: "1", effective_from: 2026-02-30 }]`,
      'prices[0].effective_from',
    ],
    [
      'an end before the beginning',
      `prices: [{ server: a, tool: b, currency: eur, model: flat, unit_amount: "1", effective_from: 2026-02-01, effective_to: 2026-02-01 }]`,
      'prices[0].effective_to',
    ],
    [
      'a currency in capitals',
      `prices: [{ server: a, tool: b, currency: EUR, model: flat, unit_amount: "1", effective_from: 2026-01-01 }]`,
      'prices[0].currency',
    ],
    [
      'a minimum that nobody can pay',
      `prices: [{ server: a, tool: b, currency: eur, model: flat, unit_amount: "1", minimum: "0.005", effective_from: 2026-01-01 }]`,
      'prices[0].minimum',
    ],
    [
      'more than everything given away',
      'allocations: [{ tenant: acme, effective_from: 2026-01-01, rules: [{ team: a, cost_center: b }, { team: c, cost_center: d }] }]',
      'allocations[0].rules[0].weight_bp',
    ],
  ])('refuses %s', async (_name, rest, path) => {
    expect(await pathsOf(`version: 1\n${rest}`)).toContain(path);
  });

  it('takes nothing of a document that is wrong somewhere', async () => {
    const before = await listPrices(test.database);
    const mixed = `version: 1
prices:
  - { server: new, tool: b, currency: eur, model: flat, unit_amount: "1", effective_from: 2026-01-01 }
  - { server: new, tool: c, currency: eur, model: flat, unit_amount: "1", pool: none, effective_from: 2026-01-01 }`;
    expect(await pathsOf(mixed)).toEqual(['prices[1].pool']);
    expect(await listPrices(test.database)).toEqual(before);
  });

  it('replaces a tenant’s rules from a day on, and keeps those of before', async () => {
    const done = await load(`version: 1
allocations: [{ tenant: acme, effective_from: 2026-03-10, rules: [{ team: green, cost_center: "300" }] }]`);
    expect(done).toMatchObject({ ok: true, value: { allocations: ['acme'] } });
    const rules = await loadAllocationRules(test.database, 'acme');
    expect(rules.map(({ team, effectiveTo }) => [team, effectiveTo]).sort()).toEqual([
      ['blue', '2026-03-10'],
      ['green', undefined],
      ['red', '2026-03-10'],
    ]);
  });
});

const noFacts = { tenants: new Map(), versions: [], pools: [], allocationRules: [], sealedUntil: new Map() };

describe('reading a price document', () => {
  const issuesOf = (text: string): readonly Issue[] => {
    const read = readPriceDocument(text);
    return read.ok ? [] : read.error;
  };
  const price = (more: string): string =>
    `version: 1\nprices: [{ server: a, tool: b, currency: eur, effective_from: 2026-01-01, ${more} }]`;

  it.each([
    ['version: 2', 'version', undefined],
    ['version: 1\nprice: []', 'price', 'Did you mean prices?'],
    [price('model: flat, unit_amount: 0.002'), 'prices[0].unit_amount', 'Write "0.002" with quotes.'],
    [price('model: flatt, unit_amount: "1"'), 'prices[0].model', 'Did you mean flat?'],
    [price('unit_amount: "1"'), 'prices[0].model', 'Write one of flat, package, graduated, volume.'],
    [price('model: flat, unit_amount: "1", unit_amout: "1"'), 'prices[0].unit_amout', 'Did you mean unit_amount?'],
    [price('model: flat'), 'prices[0].unit_amount', undefined],
    [price('model: package, size: 0, amount: "1"'), 'prices[0].size', undefined],
    [price('model: package, size: 1.5, amount: "1"'), 'prices[0].size', undefined],
    [
      price('model: flat, unit_amount: "1", billable_outcomes: [OK]'),
      'prices[0].billable_outcomes[0]',
      'Did you mean ok?',
    ],
    [price('model: graduated, tiers: []'), 'prices[0].tiers', undefined],
    ['version: 1\nversion: 1', 'line 2', undefined],
    ['version: [', 'line 1', undefined],
    ['[]', '', undefined],
  ])('%j is refused at %s', (text, path, suggestion) => {
    const issues = issuesOf(text);
    expect(issues.map((issue) => issue.path)).toContain(path);
    if (suggestion !== undefined) expect(issues.map((issue) => issue.suggestion)).toContain(suggestion);
  });

  it('reads JSON as well, and lists every issue at once', () => {
    const read = readPriceDocument('{"version":1,"tenants":[{"id":"a","name":"A","currency":"eur"}]}');
    expect(read.ok).toBe(true);
    expect(issuesOf('version: 1\ntenants: [{ id: a }, { id: 5, name: x, currency: eur }]')).toHaveLength(3);
  });

  it('reads the example of the README', () => {
    const readme = readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8');
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
    const read = readPriceDocument(example);
    expect(read.ok && planImport(read.value, noFacts)).toMatchObject({
      ok: true,
      value: { prices: [{}, {}], pools: [{}] },
    });
  });

  it('does not follow aliases without end', () => {
    const bomb = `version: 1\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map(
        (name, index) =>
          `${name}: &${name} [${Array(9)
            .fill(`*${'abcdefgh'[index] ?? ''}`)
            .join(',')}]`,
      )
      .join('\n')}`;
    expect(issuesOf(bomb).map(({ path }) => path)).toEqual(['']);
  });
});
