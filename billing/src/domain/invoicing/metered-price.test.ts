import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PriceModel, PriceVersion } from '../pricing/price-version.ts';
import { toMeteredAmount } from './metered-price.ts';

const version = (price: PriceModel, more: Partial<PriceVersion> = {}): PriceVersion => ({
  id: 'p1',
  server: 'weather',
  tool: 'get_forecast',
  currency: 'eur',
  price,
  billableOutcomes: ['ok'],
  effectiveFrom: '2026-11-01',
  ...more,
});
const flat = (unitAmount: string): PriceModel => ({ model: 'flat', unitAmount });

describe('a price as a meter can have it', () => {
  it.each([
    [version(flat('0.0025')), { kind: 'unit', unitAmount: '0.25' }],
    [version(flat('3'), { currency: 'jpy' }), { kind: 'unit', unitAmount: '3' }],
    [
      version(flat('0.01'), { freeUnits: 1000n }),
      { kind: 'graduated', tiers: [{ upTo: 1000n, unitAmount: '0' }, { unitAmount: '1' }] },
    ],
    [version({ model: 'package', size: 100n, amount: '2.50' }), { kind: 'package', size: 100n, amount: '250' }],
    [
      version({ model: 'graduated', tiers: [{ upTo: 200n, unitAmount: '0.005' }, { unitAmount: '0.0033' }] }),
      { kind: 'graduated', tiers: [{ upTo: 200n, unitAmount: '0.5' }, { unitAmount: '0.33' }] },
    ],
    [
      version({ model: 'volume', tiers: [{ upTo: 7n, unitAmount: '0.0033' }, { unitAmount: '0.002' }] }),
      { kind: 'volume', tiers: [{ upTo: 7n, unitAmount: '0.33' }, { unitAmount: '0.2' }] },
    ],
  ])('is in minor units: %#', (price, expected) => {
    expect(toMeteredAmount(price)).toEqual({ ok: true, value: expected });
  });

  it.each([
    [version(flat('1'), { pool: 'starter' }), 'shares a free allowance'],
    [version(flat('1'), { minimumMinor: 500n }), 'minimum'],
    [version(flat('1'), { currency: 'kwd' }), 'end in 0'],
    [version({ model: 'package', size: 10n, amount: '1' }, { freeUnits: 5n }), 'free units and a package price'],
    [version({ model: 'package', size: 10n, amount: '0.005' }), 'fraction of the smallest unit'],
    [
      version({ model: 'graduated', tiers: [{ upTo: 7n, unitAmount: '0.0033' }, { unitAmount: '0.002' }] }),
      'which a provider rounds by itself',
    ],
    [
      version({
        model: 'graduated',
        tiers: [{ upTo: 10n, unitAmount: '0.01', flatAmount: '5' }, { unitAmount: '0' }],
      }),
      'flat amount',
    ],
  ])('is refused with the reason where a meter would come out differently: %#', (price, reason) => {
    expect(toMeteredAmount(price)).toMatchObject({ ok: false, error: expect.stringContaining(reason) });
  });

  it('rounding each tier is rounding the sum, for every graduated price that is not refused', () => {
    const unit = fc.integer({ min: 0, max: 99_999 }).map((digits) => `0.${String(digits).padStart(5, '0')}`);
    const input = fc.record({
      sizes: fc.array(fc.bigInt(1n, 400n), { maxLength: 3 }),
      units: fc.array(unit, { minLength: 4, maxLength: 4 }),
      quantity: fc.bigInt(0n, 2000n),
    });
    fc.assert(
      fc.property(input, ({ sizes, units, quantity }) => {
        let bound = 0n;
        const tiers = [...sizes, undefined].map((size, index) => {
          bound += size ?? 0n;
          return { ...(size === undefined ? {} : { upTo: bound }), unitAmount: units[index] ?? '0' };
        });
        const amount = toMeteredAmount(version({ model: 'graduated', tiers }));
        if (!amount.ok) return;
        // In thousandths of a cent.
        const parts = tiers.map(({ upTo, unitAmount }, index) => {
          const from = tiers[index - 1]?.upTo ?? 0n;
          const to = upTo === undefined || quantity < upTo ? quantity : upTo;
          return (to > from ? to - from : 0n) * BigInt(unitAmount.slice(2));
        });
        const round = (thousandths: bigint): bigint => (thousandths + 500n) / 1000n;
        const total = parts.reduce((sum, part) => sum + part, 0n);
        expect(parts.reduce((sum, part) => sum + round(part), 0n)).toBe(round(total));
      }),
      { numRuns: 2000 },
    );
  });
});
