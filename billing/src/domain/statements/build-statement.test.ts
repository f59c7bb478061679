import { describe, expect, it } from 'vitest';
import type { AllocationRule } from '../allocation/allocation-rule.ts';
import type { Adjustment } from './adjustment.ts';
import { buildStatement } from './build-statement.ts';
import type { Statement } from './statement.ts';
import { built, inputOf, price, used } from './testing/statement-fixtures.ts';

const adjustment = (id: string, more: Partial<Adjustment> = {}): Adjustment => ({
  id,
  tenant: 'acme',
  day: '2026-02-17',
  quantityDelta: 0n,
  amountMinor: -500n,
  reason: 'outage',
  ...more,
});
const descriptions = ({ lines }: Statement): readonly string[] => lines.map(({ description }) => description);
const amounts = ({ lines }: Statement): readonly bigint[] => lines.map(({ amountMinor }) => amountMinor);

describe('a statement', () => {
  it('has a line per tool, in the order of server and name, and their sum', () => {
    const statement = built({
      prices: [
        price('any', { tool: '*' }),
        price('maps', { server: 'maps', tool: 'route', price: { model: 'flat', unitAmount: '0.005' } }),
      ],
      usage: [used(300), used(1, { tool: 'alerts' }), used(1, { server: 'maps', tool: 'route' })],
    });
    expect(statement).toMatchObject({
      tenant: 'acme',
      currency: 'eur',
      periodStart: '2026-03-01',
      subtotalMinor: 302n,
    });
    expect(descriptions(statement)).toEqual([
      'maps / route: 1 call, at 0.005 EUR each',
      'weather / alerts: 1 call, at 0.01 EUR each',
      'weather / forecast: 300 calls, at 0.01 EUR each',
    ]);
    expect(amounts(statement)).toEqual([1n, 1n, 300n]);
    expect(statement.lines.map(({ lineNo }) => lineNo)).toEqual([1, 2, 3]);
  });

  it('shows a tool that was free at 0.00', () => {
    const statement = built({
      prices: [price('p', { freeUnits: 1_000n, displayName: 'Forecast' })],
      usage: [used(1_000)],
    });
    expect(statement.lines).toMatchObject([{ kind: 'free', amountMinor: 0n, quantity: 1_000n, freeQuantity: 1_000n }]);
    expect(descriptions(statement)).toEqual(['Forecast: 1,000 calls, all free']);
  });

  it('rates what is beyond the allowance, and says how much was free', () => {
    const statement = built({ prices: [price('p', { freeUnits: 1_000n })], usage: [used(1_250)] });
    expect(descriptions(statement)).toEqual(['weather / forecast: 1,250 calls, 1,000 of them free, at 0.01 EUR each']);
    expect(amounts(statement)).toEqual([250n]);
  });

  it('has two lines for a tool whose price changed, each of its own days', () => {
    const statement = built({
      prices: [
        price('old'),
        price('new', { effectiveFrom: '2026-03-15', price: { model: 'flat', unitAmount: '0.02' } }),
      ],
      usage: [used(100, { day: '2026-03-14' }), used(100, { day: '2026-03-15' })],
    });
    expect(statement.lines).toMatchObject([
      { priceVersionId: 'old', amountMinor: 100n, days: ['2026-03-01', '2026-03-14'] },
      { priceVersionId: 'new', amountMinor: 200n, days: ['2026-03-15', '2026-03-31'] },
    ]);
    expect(descriptions(statement)).toEqual([
      'weather / forecast: 100 calls, at 0.01 EUR each, 1 to 14 March 2026',
      'weather / forecast: 100 calls, at 0.02 EUR each, 15 to 31 March 2026',
    ]);
  });

  it('begins tiers anew with a new price, and gives an allowance once', () => {
    const tiers = [{ upTo: 100n, unitAmount: '1' }, { unitAmount: '0.1' }];
    const statement = built({
      prices: [
        price('old', { price: { model: 'graduated', tiers }, freeUnits: 50n }),
        price('new', { price: { model: 'graduated', tiers }, freeUnits: 70n, effectiveFrom: '2026-03-15' }),
      ],
      usage: [used(150, { day: '2026-03-14' }), used(150, { day: '2026-03-15' })],
    });
    expect(statement.lines.map(({ freeQuantity }) => freeQuantity)).toEqual([50n, 20n]);
    expect(amounts(statement)).toEqual([10_000n, 10_300n]);
  });

  it('draws a pool day by day, after the own allowance of each tool', () => {
    const statement = built({
      prices: [price('a', { tool: 'a', freeUnits: 10n, pool: 'all' }), price('b', { tool: 'b', pool: 'all' })],
      pools: [{ id: 'all', units: 100n, effectiveFrom: '2026-01-01' }],
      usage: [
        used(70, { tool: 'a', day: '2026-03-02' }),
        used(50, { tool: 'b', day: '2026-03-01' }),
        used(5, { tool: 'b', day: '2026-03-03' }),
      ],
    });
    // b takes 50 on the 1st; a takes its own 10 and the pool's last 50 on the 2nd; nothing is left on the 3rd.
    expect(statement.lines.map(({ tool, freeQuantity }) => [tool, freeQuantity])).toEqual([
      ['a', 60n],
      ['b', 50n],
    ]);
    expect(amounts(statement)).toEqual([10n, 5n]);
  });

  it("prefers the tenant's own pool, in its last version of the period", () => {
    const pools = [
      { id: 'all', units: 5n, effectiveFrom: '2026-01-01' },
      { id: 'all', tenant: 'acme', units: 6n, effectiveFrom: '2026-01-01' },
      { id: 'all', tenant: 'acme', units: 7n, effectiveFrom: '2026-03-31' },
      { id: 'all', tenant: 'acme', units: 8n, effectiveFrom: '2026-04-01' },
    ];
    expect(built({ prices: [price('p', { pool: 'all' })], pools, usage: [used(100)] }).lines[0]?.freeQuantity).toBe(7n);
  });

  it('bills only outcomes that the price names, and states the others', () => {
    const usage = [used(100), used(7, { outcome: 'tool_error' }), used(3, { outcome: 'refused' })];
    const byDefault = built({ usage });
    expect(byDefault.subtotalMinor).toBe(100n);
    expect(byDefault.lines[0]?.outcomes).toEqual({
      billed: [{ outcome: 'ok', quantity: 100n }],
      unbilled: [
        { outcome: 'refused', quantity: 3n },
        { outcome: 'tool_error', quantity: 7n },
      ],
    });
    expect(byDefault.unbilled).toEqual([
      { server: 'weather', tool: 'forecast', outcome: 'refused', quantity: 3n },
      { server: 'weather', tool: 'forecast', outcome: 'tool_error', quantity: 7n },
    ]);
    expect(built({ usage, prices: [price('p', { billableOutcomes: ['ok', 'tool_error'] })] }).subtotalMinor).toBe(107n);
  });

  it('shows a tool without a price, with its quantities, and does not bill it', () => {
    const statement = built({
      prices: [price('p', { effectiveFrom: '2026-03-11' })],
      usage: [used(9), used(2, { outcome: 'tool_error' }), used(1, { day: '2026-03-11' })],
    });
    expect(statement.subtotalMinor).toBe(1n);
    expect(statement.unpriced).toEqual([
      {
        server: 'weather',
        tool: 'forecast',
        quantity: 9n,
        outcomes: [
          { outcome: 'ok', quantity: 9n },
          { outcome: 'tool_error', quantity: 2n },
        ],
        days: ['2026-03-01', '2026-03-10'],
      },
    ]);
    expect(statement.unbilled).toEqual([]);
  });
});

describe('minimums', () => {
  const withMinimum = price('p', { minimumMinor: 500n, freeUnits: 10n });

  it('of a tool are a line after its own', () => {
    const statement = built({ prices: [withMinimum], usage: [used(110)] });
    expect(amounts(statement)).toEqual([100n, 400n]);
    expect(descriptions(statement)[1]).toBe('weather / forecast: up to its minimum of 5.00 EUR for the period');
  });

  it.each([
    ['nothing but free calls', [used(10)], [0n]],
    ['no calls', [], []],
    ['calls worth more', [used(1_010)], [1_000n]],
    ['calls worth just that', [used(510)], [500n]],
  ])('of a tool with %s are not charged', (_name, usage, expected) => {
    expect(amounts(built({ prices: [withMinimum], usage }))).toEqual(expected);
  });

  it('of a tool are charged once when its price changes, as the last price says', () => {
    const statement = built({
      prices: [price('old', { minimumMinor: 900n }), price('new', { minimumMinor: 500n, effectiveFrom: '2026-03-15' })],
      usage: [used(100, { day: '2026-03-14' }), used(100, { day: '2026-03-15' })],
    });
    expect(amounts(statement)).toEqual([100n, 100n, 300n]);
  });

  it('of a tenant come after the tools and before corrections, which they do not eat up', () => {
    const statement = built({
      tenant: { minimumMinor: 1_000n },
      usage: [used(300)],
      adjustments: [adjustment('a1')],
    });
    expect(statement.lines.map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
      ['usage', 300n],
      ['minimum', 700n],
      ['adjustment', -500n],
    ]);
    expect(statement.subtotalMinor).toBe(500n);
    expect(descriptions(statement)[1]).toBe('Up to the minimum of 10.00 EUR for the period');
  });

  it('of a tenant without calls are charged', () => {
    expect(built({ tenant: { minimumMinor: 1_000n } }).subtotalMinor).toBe(1_000n);
  });
});

describe('corrections', () => {
  it('are lines with the day and the reason, in the order of days', () => {
    const statement = built({
      adjustments: [
        adjustment('b', {
          server: 'weather',
          tool: 'forecast',
          quantityDelta: 12n,
          amountMinor: 12n,
          reason: 'late calls',
        }),
        adjustment('a', { day: '2026-02-16' }),
      ],
    });
    expect(descriptions(statement)).toEqual([
      'Correction for 16 February 2026: outage',
      'weather / forecast: correction for 17 February 2026: late calls',
    ]);
    expect(statement.lines[1]).toMatchObject({ quantity: 12n, priceVersionId: 'list', adjustmentId: 'b' });
    expect(statement.subtotalMinor).toBe(-488n);
  });
});

describe('allocation to teams', () => {
  const rule = (id: string, team: string, more: Partial<AllocationRule> = {}): AllocationRule => ({
    id,
    tenant: 'acme',
    team,
    costCenter: '100',
    weightBp: 10_000,
    effectiveFrom: '2026-01-01',
    ...more,
  });

  it('follows the applications that called, and adds up', () => {
    const statement = built({
      allocationRules: [
        rule('1', 'red', { application: 'bot', weightBp: 3_333 }),
        rule('2', 'blue', { application: 'bot', weightBp: 6_667 }),
        rule('3', 'green', { application: 'desk' }),
      ],
      usage: [used(100), used(50, { application: 'desk' }), used(1, { application: 'unknown' })],
    });
    expect(statement.lines[0]?.allocations).toEqual([
      { team: '', costCenter: '', amountMinor: 1n, quantity: 1n },
      { team: 'blue', costCenter: '100', amountMinor: 67n, quantity: 67n },
      { team: 'green', costCenter: '100', amountMinor: 50n, quantity: 50n },
      { team: 'red', costCenter: '100', amountMinor: 33n, quantity: 33n },
    ]);
  });

  it('of a minimum follows the lines that it tops up', () => {
    const statement = built({
      tenant: { minimumMinor: 1_000n },
      allocationRules: [rule('1', 'red', { application: 'bot' }), rule('2', 'green', { application: 'desk' })],
      usage: [used(100), used(300, { application: 'desk' })],
    });
    expect(statement.lines[1]?.allocations.map(({ team, amountMinor }) => [team, amountMinor])).toEqual([
      ['green', 450n],
      ['red', 150n],
    ]);
  });
});

describe('input that contradicts itself makes no statement', () => {
  it.each([
    ['usage of another tenant', inputOf({ usage: [used(1, { tenant: 'bolt' })] }), 'usage.weather/forecast'],
    ['usage of another month', inputOf({ usage: [used(1, { day: '2026-04-01' })] }), 'usage.weather/forecast'],
    ['a count below zero', inputOf({ usage: [used(-1)] }), 'usage.weather/forecast'],
    ['a pool that is not there', inputOf({ usage: [used(1)], prices: [price('p', { pool: 'x' })] }), 'price p.pool'],
    [
      'an amount that is none',
      inputOf({ usage: [used(1)], prices: [price('p', { price: { model: 'flat', unitAmount: 'x' } })] }),
      'price p.unit_amount',
    ],
    [
      'a correction of another tenant',
      inputOf({ adjustments: [adjustment('a', { tenant: 'bolt' })] }),
      'adjustments.a',
    ],
  ])('%s', (_name, input, path) => {
    const statement = buildStatement(input);
    expect(statement.ok ? [] : statement.error.map((issue) => issue.path)).toEqual([path]);
  });
});
