import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { splitByWeight } from '../domain/allocation/split-by-weight.ts';
import { importText } from '../statements/testing/close-fixtures.ts';
import { seedCalls } from '../statements/testing/seed-calls.ts';
import { previewStatement } from '../statements/preview-statement.ts';
import { reportUsage } from '../ledger/usage-report.ts';
import { shareUsage, type SharedUsageQuery } from './share-usage.ts';

const document = `
version: 1
tenants: [{ id: acme, name: Acme, currency: eur }, { id: globex, name: Globex, currency: eur }]
prices:
  - { server: orders, tool: search, currency: eur, model: flat, unit_amount: "0.07", effective_from: 2026-01-01 }
allocations:
  - tenant: acme
    effective_from: 2026-01-01
    rules:
      - { application: bot, team: care, cost_center: "4711", weight_bp: 6000 }
      - { application: bot, team: sales, cost_center: "4712", weight_bp: 4000 }
      - { application: shop, team: web, cost_center: "4712", weight_bp: 7500 }
  - { tenant: globex, effective_from: 2026-01-01, rules: [{ team: all, cost_center: "4711" }] }
`;

const days = Array.from({ length: 30 }, (_, index) => `2026-11-${String(index + 1).padStart(2, '0')}`);
const month = { from: '2026-11-01', to: '2026-12-01' };

describe.skipIf(!hasPostgres)('usage shared by allocation rules', () => {
  let test: TestDatabase;
  const share = async (query: Partial<SharedUsageQuery>) =>
    shareUsage(test.database, { ...month, groupBy: [], shareBy: ['cost_center'], ...query });

  beforeAll(async () => {
    test = await createTestDatabase();
    await importText(test.database, document);
    const call = { tenant: 'acme', server: 'orders', tool: 'search', count: 1 };
    for (const day of days) await seedCalls(test.database, { ...call, day, application: 'bot' });
    await seedCalls(test.database, { ...call, day: '2026-11-03', application: 'shop', count: 10 });
    await seedCalls(test.database, { ...call, day: '2026-11-03', application: 'new', count: 4, outcome: 'refused' });
    await seedCalls(test.database, { ...call, day: '2026-11-04', tenant: 'globex', application: 'bot', count: 7 });
  });
  afterAll(() => test.close());

  it('cuts the sum of a month and not each day: one call a day, 60 to 40, is 18 and 12', async () => {
    expect(await share({ tenant: 'acme', application: 'bot' })).toEqual([
      { costCenter: '4711', quantity: 18n, allocationWeight: 180_000n },
      { costCenter: '4712', quantity: 12n, allocationWeight: 120_000n },
    ]);
  });

  it('has what no rule gives away, and what rules leave over, under an empty name', async () => {
    expect(await share({ tenant: 'acme' })).toEqual([
      { costCenter: '', quantity: 7n, allocationWeight: 65_000n },
      { costCenter: '4711', quantity: 18n, allocationWeight: 180_000n },
      { costCenter: '4712', quantity: 19n, allocationWeight: 195_000n },
    ]);
  });

  it('gives each tenant its own rules', async () => {
    const rows = await share({ groupBy: ['tenant'], application: 'bot' });
    expect(rows.map(({ tenant, costCenter, quantity }) => [tenant, costCenter, quantity])).toEqual([
      ['acme', '4711', 18n],
      ['acme', '4712', 12n],
      ['globex', '4711', 7n],
    ]);
  });

  it('adds up to the calls, however it is grouped', async () => {
    const [whole] = await reportUsage(test.database, { ...month, groupBy: [] });
    for (const groupBy of [
      [],
      ['day'],
      ['tenant', 'application', 'outcome'],
      ['tool', 'day', 'application'],
    ] as const) {
      const rows = await share({ groupBy, shareBy: ['team', 'cost_center'] });
      expect(rows.reduce((sum, { quantity }) => sum + quantity, 0n)).toBe(whole?.quantity);
      expect(rows.reduce((sum, row) => sum + row.allocationWeight, 0n)).toBe((whole?.quantity ?? 0n) * 10_000n);
    }
  });

  it('shares an amount as the statement does, to the cent', async () => {
    const preview = await previewStatement(test.database, {
      tenant: 'acme',
      period: { start: month.from, end: month.to },
    });
    const [line] = preview.ok ? preview.value.statement.lines : [];
    const rows = await share({ tenant: 'acme', outcome: 'ok', shareBy: ['team', 'cost_center'] });
    const amounts = splitByWeight(
      line?.amountMinor ?? 0n,
      rows.map(({ allocationWeight }) => allocationWeight),
    );
    expect(rows.map(({ team, costCenter }, index) => [team, costCenter, amounts[index]])).toEqual([
      ['', '', 18n],
      ['care', '4711', 126n],
      ['sales', '4712', 84n],
      ['web', '4712', 52n],
    ]);
    expect(line?.allocations.map((part) => [part.team, part.costCenter, part.amountMinor])).toEqual(
      rows.map(({ team, costCenter }, index) => [team, costCenter, amounts[index]]),
    );
  });
});
