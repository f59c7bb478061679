import type { AccrualItem, UsageItem } from './BillingClient';
import { summariseRecords } from './summariseRecords';
import { minorToText, summariseUsage } from './summariseUsage';

const money = (minor: string, currency = 'eur') => ({ minor, currency, text: minorToText(BigInt(minor), currency) });

const call = (application: string, quantity: number, outcome = 'ok', tool = 'search_orders'): UsageItem => ({
  ...{ tenant: 'acme', application, server: 'orders', tool, outcome, day: '2026-11-25', quantity },
});

const wholeUsage = [
  call('helpdesk', 1),
  call('batch', 1),
  call('other', 1),
  call('helpdesk', 2, 'tool_error'),
  call('helpdesk', 3, 'refused', 'delete_order'),
  call('batch', 4, 'ok', 'free_tool'),
];

const accruals: readonly AccrualItem[] = [
  {
    ...{ tenant: 'acme', currency: 'eur', total: money('100'), forecast: money('250') },
    tools: [{ server: 'orders', tool: 'search_orders', quantity: 3, amount: money('100') }],
    unpriced: [{ server: 'orders', tool: 'free_tool', quantity: 4 }],
  },
];

const report = (usage: readonly UsageItem[], groupBy: 'tool' | 'application' | 'team' | 'day' = 'application') =>
  summariseUsage({ usage, wholeUsage, accruals, groupBy, teamOf: (id) => (id === 'batch' ? '' : 'team-support') });

describe('usage by group', () => {
  it('shares the amount of a tool by calls, to the cent', () => {
    const { rows, totals, calls } = report(wholeUsage);
    expect(rows).toEqual([
      { key: 'helpdesk', calls: 3, errors: 2, refused: 3, currency: 'eur', cost: '0.33' },
      { key: 'batch', calls: 5, errors: 0, refused: 0, currency: 'eur', cost: '0.33' },
      { key: 'other', calls: 1, errors: 0, refused: 0, currency: 'eur', cost: '0.34' },
    ]);
    expect(totals).toEqual([{ currency: 'eur', cost: '1.00', forecast: '2.50' }]);
    expect(calls).toBe(9);
  });

  it('is the same share for who sees a part of it, without a forecast and without what others called', () => {
    const own = wholeUsage.filter(({ application }) => application === 'helpdesk');
    expect(report(own)).toMatchObject({
      rows: [{ key: 'helpdesk', cost: '0.33' }],
      totals: [{ currency: 'eur', cost: '0.33' }],
      unpriced: [],
    });
    expect(report(own).totals[0]).not.toHaveProperty('forecast');
  });

  it('names unpriced tools, and groups by tool, team and day', () => {
    expect(report(wholeUsage).unpriced).toEqual([{ server: 'orders', tool: 'free_tool', calls: 4 }]);
    expect(report(wholeUsage, 'tool').rows.map(({ key }) => key)).toEqual([
      'orders/search_orders',
      'orders/delete_order',
      'orders/free_tool',
    ]);
    expect(report(wholeUsage, 'team').rows).toMatchObject([{ key: 'team-support' }, { key: '' }]);
    expect(report(wholeUsage, 'day').rows).toMatchObject([{ key: '2026-11-25', cost: '1.00' }]);
  });

  it('has no cost where the viewer may not see it', () => {
    const { rows, totals } = summariseUsage({
      ...{ usage: wholeUsage, wholeUsage, accruals: [] },
      groupBy: 'day',
      teamOf: String,
    });
    expect(rows[0]).not.toHaveProperty('cost');
    expect(totals).toEqual([]);
  });

  it.each([
    [123n, 'eur', '1.23'],
    [5n, 'usd', '0.05'],
    [-5n, 'usd', '-0.05'],
    [123n, 'jpy', '123'],
    [1234n, 'kwd', '1.234'],
  ])('writes %s %s as %s', (minor, currency, text) => {
    expect(minorToText(minor, currency)).toBe(text);
  });
});

describe('the last minutes', () => {
  const now = Date.UTC(2026, 10, 25, 12);
  const record = (minutesAgo: number, latencyMs: number, outcome = 'ok', decision: 'allow' | 'deny' = 'allow') => ({
    ...{ id: 'x', occurredAt: new Date(now - minutesAgo * 60_000).toISOString(), tenant: 'acme', application: 'a' },
    ...{ server: 'orders', tool: 't', decision, outcome, status: 200, latencyMs },
  });

  it('have calls, errors, refusals, percentiles and a series', () => {
    const records = [
      ...Array.from({ length: 98 }, (_, index) => record(10, index + 1)),
      record(1, 500, 'tool_error'),
      record(1, 900),
      record(1, 5, 'refused', 'deny'),
    ];
    const monitor = summariseRecords(records, { minutes: 60, now });
    expect(monitor).toMatchObject({ calls: 100, errors: 1, refused: 1, latencyMs: { p50: 50, p95: 95, p99: 500 } });
    expect(monitor.series).toHaveLength(30);
    expect(monitor.series.reduce((sum, { calls }) => sum + calls, 0)).toBe(100);
    expect(monitor.series.at(-1)).toMatchObject({ calls: 2, errors: 1 });
  });

  it('without calls have no percentiles', () => {
    expect(summariseRecords([], { minutes: 15, now })).toMatchObject({ calls: 0, latencyMs: {} });
  });
});
