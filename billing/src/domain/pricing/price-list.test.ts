import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPriceList } from './price-list.ts';
import type { PriceVersion } from './price-version.ts';

const version = (id: string, more: Partial<PriceVersion> = {}): PriceVersion => ({
  id,
  server: 'weather',
  tool: 'forecast',
  currency: 'eur',
  price: { model: 'flat', unitAmount: '1' },
  billableOutcomes: ['ok'],
  effectiveFrom: '2026-01-01',
  ...more,
});
const subject = { tenant: 'acme', currency: 'eur', server: 'weather', tool: 'forecast' };
const march = { start: '2026-03-01', end: '2026-04-01' };
const listAny = version('list-any', { tool: '*' });
const listExact = version('list-exact');
const tenantAny = version('tenant-any', { tenant: 'acme', tool: '*' });
const tenantExact = version('tenant-exact', { tenant: 'acme' });

describe('the price in force', () => {
  it.each([
    [[listAny], 'list-any'],
    [[listAny, listExact], 'list-exact'],
    [[listAny, listExact, tenantAny], 'tenant-any'],
    [[listAny, listExact, tenantAny, tenantExact], 'tenant-exact'],
    [[version('other-tenant', { tenant: 'bolt' }), listAny], 'list-any'],
    [[version('other-currency', { currency: 'usd' })], undefined],
    [[version('other-server', { server: 'maps', tool: '*' })], undefined],
    [[], undefined],
  ])('of %j is %s', (versions, id) => {
    expect(createPriceList(versions).inForce(subject, '2026-03-01')?.id).toBe(id);
    expect(createPriceList([...versions].reverse()).inForce(subject, '2026-03-01')?.id).toBe(id);
  });

  it('is the one that began last, on or before the day', () => {
    const list = createPriceList([
      version('a'),
      version('b', { effectiveFrom: '2026-03-15' }),
      version('c', { effectiveFrom: '2026-04-01' }),
    ]);
    expect(
      ['2025-12-31', '2026-01-01', '2026-03-14', '2026-03-15', '2026-04-01'].map(
        (day) => list.inForce(subject, day)?.id,
      ),
    ).toEqual([undefined, 'a', 'a', 'b', 'c']);
  });

  it('gives way to the next scope on the day it ends, and not to its own predecessor', () => {
    const list = createPriceList([
      listExact,
      version('special-1', { tenant: 'acme' }),
      version('special-2', { tenant: 'acme', effectiveFrom: '2026-03-10', effectiveTo: '2026-03-20' }),
    ]);
    expect(list.runsOf(subject, march).map(({ version, first, last }) => [version?.id, first, last])).toEqual([
      ['special-1', '2026-03-01', '2026-03-09'],
      ['special-2', '2026-03-10', '2026-03-19'],
      ['list-exact', '2026-03-20', '2026-03-31'],
    ]);
  });

  it('is one run when nothing changes, also when a less specific price does', () => {
    const list = createPriceList([listExact, version('later-any', { tool: '*', effectiveFrom: '2026-03-10' })]);
    expect(list.runsOf(subject, march)).toEqual([{ version: listExact, first: '2026-03-01', last: '2026-03-31' }]);
  });

  it('of a tool that nothing prices at first begins with a run without one', () => {
    const list = createPriceList([version('new', { effectiveFrom: '2026-03-31' })]);
    expect(list.runsOf(subject, march).map(({ version, last }) => [version?.id, last])).toEqual([
      [undefined, '2026-03-30'],
      ['new', '2026-03-31'],
    ]);
  });

  it('is the same day by day and by runs, for 500 random price lists', () => {
    const days = fc.integer({ min: 1, max: 59 }).map((n) => (n > 28 ? `2026-03-${pad(n - 28)}` : `2026-02-${pad(n)}`));
    const versions = fc.array(
      fc.record({
        tenant: fc.boolean(),
        any: fc.boolean(),
        from: days,
        length: fc.option(fc.integer({ min: 1, max: 20 })),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(versions, (rows) => {
        const list = createPriceList(
          rows.map(({ tenant, any, from, length }, index) =>
            version(`v${index}`, {
              ...(tenant ? { tenant: 'acme' } : {}),
              tool: any ? '*' : 'forecast',
              effectiveFrom: from,
              ...(length === null ? {} : { effectiveTo: plusDays(from, length) }),
            }),
          ),
        );
        const runs = list.runsOf(subject, march);
        for (let n = 1; n <= 31; n++) {
          const day = `2026-03-${pad(n)}`;
          const run = runs.filter(({ first, last }) => first <= day && day <= last);
          expect(run.map(({ version }) => version?.id)).toEqual([list.inForce(subject, day)?.id]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const pad = (n: number): string => String(n).padStart(2, '0');
const plusDays = (day: string, n: number): string =>
  new Date(Date.parse(day) + n * 86_400_000).toISOString().slice(0, 10);
