import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAllocationBook } from '../allocation/allocation-book.ts';
import type { AllocationRule } from '../allocation/allocation-rule.ts';
import { createPriceList } from '../pricing/price-list.ts';
import type { PriceVersion } from '../pricing/price-version.ts';
import { buildStatement } from '../statements/build-statement.ts';
import type { Adjustment } from '../statements/adjustment.ts';
import type { UsageRow } from '../usage/usage-row.ts';
import type { Spending } from './budget.ts';
import { toSpending } from './to-spending.ts';

const price = (tool: string, unitAmount: string, more: Partial<PriceVersion> = {}): PriceVersion => ({
  ...{ id: `pv-${tool}`, server: 'orders', tool, currency: 'eur', price: { model: 'flat', unitAmount } },
  ...{ billableOutcomes: ['ok'], effectiveFrom: '2026-01-01' },
  ...more,
});

const used = (application: string, tool: string, quantity: bigint, more: Partial<UsageRow> = {}): UsageRow => ({
  ...{ day: '2026-11-03', tenant: 'acme', application, server: 'orders', tool, outcome: 'ok', quantity },
  ...more,
});

const rule = (application: string, team: string, weightBp: number): AllocationRule => ({
  ...{ id: `${application}-${team}`, tenant: 'acme', application, team, costCenter: `CC-${team}`, weightBp },
  effectiveFrom: '2026-01-01',
});

const spendingOf = (usage: readonly UsageRow[], adjustments: readonly Adjustment[] = []) => {
  const allocationRules = [
    rule('helpdesk', 'support', 6_000),
    rule('helpdesk', 'sales', 3_000),
    rule('books', 'finance', 10_000),
  ];
  const built = buildStatement({
    tenant: { id: 'acme', name: 'Acme', currency: 'eur' },
    period: { start: '2026-11-01', end: '2026-12-01' },
    revision: 1,
    usage,
    prices: createPriceList([price('search', '0.005'), price('report', '1.25', { freeUnits: 2n })]),
    pools: [],
    allocationRules,
    adjustments,
  });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  return {
    statement: built.value,
    spending: toSpending({ statement: built.value, usage, book: createAllocationBook(allocationRules) }),
  };
};

const total = (rows: readonly Spending[], field: 'amountMinor' | 'quantity'): bigint =>
  rows.reduce((sum, row) => sum + row[field], 0n);

describe('toSpending', () => {
  it('shares a line among applications, and an application among its teams by weight', () => {
    const { spending } = spendingOf([used('helpdesk', 'search', 1_000n), used('books', 'search', 200n)]);
    expect(
      spending.map(({ application, team, amountMinor, quantity }) => [application, team, amountMinor, quantity]),
    ).toEqual([
      ['helpdesk', 'sales', 150n, 300n],
      ['helpdesk', 'support', 300n, 600n],
      ['helpdesk', '', 50n, 100n],
      ['books', 'finance', 100n, 200n],
    ]);
  });

  it('counts calls without a price, and no outcome that is not billed', () => {
    const { spending } = spendingOf([
      used('books', 'unpriced', 7n),
      used('books', 'search', 5n, { outcome: 'tool_error' }),
      used('books', 'unpriced', 5n, { outcome: 'refused' }),
    ]);
    expect(spending).toEqual([
      { application: 'books', team: 'finance', server: 'orders', tool: 'unpriced', quantity: 7n, amountMinor: 0n },
    ]);
  });

  it('takes corrections in, which no application made', () => {
    const { spending } = spendingOf(
      [],
      [{ id: 'a', tenant: 'acme', day: '2026-10-30', quantityDelta: 0n, amountMinor: -500n, reason: 'Goodwill' }],
    );
    expect(spending).toEqual([{ application: '', team: '', server: '', tool: '', quantity: 0n, amountMinor: -500n }]);
  });

  it('adds up to the statement exactly, on 300 random months', () => {
    const row = fc.record({
      application: fc.constantFrom('helpdesk', 'books', 'other'),
      tool: fc.constantFrom('search', 'report', 'unpriced'),
      quantity: fc.bigInt(1n, 100_000n),
      day: fc.constantFrom('2026-11-01', '2026-11-15', '2026-11-30'),
      outcome: fc.constantFrom('ok', 'ok', 'tool_error', 'refused'),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const usage = rows.map((each) => ({ ...each, tenant: 'acme', server: 'orders' }));
        const { statement, spending } = spendingOf(usage);
        expect(total(spending, 'amountMinor')).toBe(statement.subtotalMinor);
        const ok = usage.filter(({ outcome }) => outcome === 'ok');
        expect(total(spending, 'quantity')).toBe(ok.reduce((sum, { quantity }) => sum + quantity, 0n));
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
