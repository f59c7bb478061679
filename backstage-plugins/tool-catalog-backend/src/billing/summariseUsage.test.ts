import type { AccrualItem, UsageItem } from './BillingClient';
import { summariseRecords } from './summariseRecords';
import { splitByWeight } from './splitByWeight';
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

  describe('by cost centre', () => {
    const share = (item: UsageItem, team: string, costCenter: string, weightBp: number): UsageItem => ({
      ...{ ...item, team, costCenter, quantity: 0, allocationWeight: item.quantity * weightBp },
    });
    const rules: Readonly<Record<string, readonly (readonly [string, string, number])[]>> = {
      helpdesk: [
        ['care', '4711', 6_000],
        ['sales', '4712', 4_000],
      ],
      batch: [
        ['sales', '4712', 7_500],
        ['', '', 2_500],
      ],
    };
    const sharesOf = (usage: readonly UsageItem[]) =>
      usage.flatMap((item) =>
        (rules[item.application ?? ''] ?? [['', '', 10_000] as const]).map(([team, costCenter, weight]) =>
          share(item, team, costCenter, weight),
        ),
      );
    const byCostCenter = (usage: readonly UsageItem[], shares = sharesOf(wholeUsage)) =>
      summariseUsage({ ...{ usage, wholeUsage, accruals, shares }, groupBy: 'costCenter', teamOf: String });

    it('shares calls and cost by the allocation rules, and what no rule gives away is nobody’s, last', () => {
      // 1.00 by 3 calls: 60 of helpdesk for 4711; 40 and 75 for 4712; 25 of batch and 100 of other for nobody.
      expect(byCostCenter(wholeUsage)).toMatchObject({
        groupBy: 'costCenter',
        rows: [
          { key: '4711', tenant: 'acme', calls: 2, errors: 1, refused: 2, cost: '0.20' },
          { key: '4712', tenant: 'acme', calls: 5, errors: 1, refused: 1, cost: '0.38' },
          { key: '', tenant: 'acme', calls: 2, errors: 0, refused: 0, cost: '0.42' },
        ],
      });
    });

    it('adds up to the totals of every other view, for all of it and for a part', () => {
      const own = wholeUsage.filter(({ application }) => application === 'helpdesk');
      for (const usage of [wholeUsage, own]) {
        const { totals, calls, unpriced } = byCostCenter(usage);
        for (const groupBy of ['tool', 'application', 'team', 'day'] as const)
          expect(report(usage, groupBy)).toMatchObject({ totals, calls, unpriced });
      }
    });

    it('tells who sees one application nothing of where the others’ calls go', () => {
      const own = wholeUsage.filter(({ application }) => application === 'batch');
      expect(byCostCenter(own).rows.map(({ key, cost }) => [key, cost])).toEqual([
        ['4712', '0.25'],
        ['', '0.08'],
      ]);
    });

    it('adds up to the same cent and call for 200 months of all sizes', () => {
      for (let seed = 1; seed <= 200; seed += 1) {
        const usage = wholeUsage.map((item, index) => ({ ...item, quantity: ((seed * 7_919 * (index + 1)) % 97) + 1 }));
        const rated = accruals.map((item) => ({
          ...item,
          tools: item.tools.map((tool) => ({ ...tool, amount: money(String((seed * 104_729) % 10_007)) })),
        }));
        const input = { usage, wholeUsage: usage, accruals: rated, shares: sharesOf(usage), teamOf: String };
        const { totals, calls } = summariseUsage({ ...input, groupBy: 'costCenter' });
        expect(summariseUsage({ ...input, groupBy: 'tool' })).toMatchObject({ totals, calls });
      }
    });

    it('shares cents of many small calls by all of them: 30 days of one cent, 60 to 40, are 0.18 and 0.12', () => {
      const usage = Array.from({ length: 30 }, (_, day) => ({ ...call('helpdesk', 1), day: `2026-11-${day + 1}` }));
      const { rows } = summariseUsage({
        ...{ usage, wholeUsage: usage, shares: sharesOf(usage), groupBy: 'costCenter', teamOf: String },
        accruals: [
          {
            ...{ tenant: 'acme', currency: 'eur', total: money('30'), unpriced: [] },
            tools: [{ server: 'orders', tool: 'search_orders', quantity: 30, amount: money('30') }],
          },
        ],
      });
      expect(rows).toMatchObject([
        { key: '4711', calls: 18, cost: '0.18' },
        { key: '4712', calls: 12, cost: '0.12' },
      ]);
    });

    it('keeps one number of two tenants apart', () => {
      const both = [call('helpdesk', 10), { ...call('helpdesk', 5), tenant: 'globex' }];
      const { rows } = summariseUsage({
        ...{ usage: both, wholeUsage: both, accruals: [], groupBy: 'costCenter', teamOf: String },
        shares: both.map((item) => share(item, 'care', '4711', 10_000)),
      });
      expect(rows).toMatchObject([
        { key: '4711', tenant: 'acme', calls: 10 },
        { key: '4711', tenant: 'globex', calls: 5 },
      ]);
    });

    it('has calls that came between the two questions under the shares of their application', () => {
      const later = sharesOf(wholeUsage.map((item) => ({ ...item, quantity: item.quantity + 3 })));
      expect(byCostCenter(wholeUsage, later)).toEqual(byCostCenter(wholeUsage));
      expect(byCostCenter(wholeUsage, [])).toMatchObject({ rows: [{ key: '', calls: 9, cost: '1.00' }] });
    });
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

describe('splitByWeight', () => {
  it.each<[bigint, bigint[], bigint[]]>([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [1n, [1n, 2n], [0n, 1n]],
    [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
    [0n, [5n, 5n], [0n, 0n]],
    [10n, [0n, 1n], [0n, 10n]],
    [1000n, [3334n, 3333n, 3333n], [334n, 333n, 333n]],
  ])('cuts %s by %o into %o, as billing does', (total, weights, parts) => {
    expect(splitByWeight(total, weights)).toEqual(parts);
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
