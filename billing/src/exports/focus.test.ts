import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundToMinor } from '../domain/money/money.ts';
import { multiply, parseDecimal, type Decimal } from '../domain/money/decimal.ts';
import type { LineAllocation, StatementLine } from '../domain/statements/statement.ts';
import { toCsv } from './csv.ts';
import { toFocusRows, type FocusUsage } from './focus.ts';
import { focusColumns } from './focus-row.ts';
import { readCsv } from './testing/read-csv.ts';
import { line, statement } from './testing/statements.ts';

const parties = { issuer: 'Example Tools Ltd', provider: 'Example Tools Ltd', publisher: 'Example Tools Ltd' };

const decimal = (text: string): Decimal => {
  const read = parseDecimal(text);
  if (!read.ok) throw new Error(text);
  return read.value;
};

const used = (day: string, quantity: string, more: Partial<FocusUsage> = {}): FocusUsage => ({
  day,
  application: 'helpdesk',
  team: '',
  costCenter: '',
  quantity: decimal(quantity),
  ...more,
});

const table = (input: Parameters<typeof toFocusRows>[0]): readonly Readonly<Record<string, string>>[] => {
  const [header = [], ...rows] = readCsv(toCsv(focusColumns, toFocusRows(input)));
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])));
};

/** Adds decimal texts exactly, in units of 10^-12. */
const sum = (texts: readonly string[]): bigint =>
  texts.reduce((total, text) => {
    const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
    const digits = BigInt(whole + fraction.padEnd(12, '0'));
    return total + (sign === '-' ? -digits : digits);
  }, 0n);

/** Hundredths in units of 10^-12. */
const cents = (minor: bigint): bigint => minor * 10n ** 10n;

describe('FOCUS 1.2', () => {
  /** "Feature level: Mandatory" in the specification's column definitions, tag v1.2. */
  const mandatory =
    'BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost PricingQuantity PricingUnit ProviderName PublisherName ServiceCategory ServiceName';

  it('has every mandatory column, no column twice, and the same order always', () => {
    const names = focusColumns.map(({ name }) => name);
    expect(mandatory.split(' ')).toHaveLength(21);
    expect(mandatory.split(' ').filter((name) => !names.includes(name))).toEqual([]);
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('is a row per day whose last carries the rounding', () => {
    const rows = table({
      statement: statement([line({ quantity: 3n, unitAmount: '0.005', amountMinor: 2n })]),
      parties,
      invoiceId: 'in_1',
      usageOf: () => [used('2026-11-03', '1'), used('2026-11-01', '2')],
      listUnitAmountOf: () => '0.01',
    });
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      ...{ BilledCost: '0.01', EffectiveCost: '0.01', ContractedCost: '0.01', ContractedUnitPrice: '0.005' },
      ...{ ListCost: '0.02', ListUnitPrice: '0.01', PricingQuantity: '2', PricingUnit: 'Invocations' },
      ...{ ChargePeriodStart: '2026-11-01T00:00:00Z', ChargePeriodEnd: '2026-11-02T00:00:00Z' },
      ...{ BillingPeriodStart: '2026-11-01T00:00:00Z', BillingPeriodEnd: '2026-12-01T00:00:00Z' },
      ...{ BillingAccountId: 'acme', BillingAccountName: 'Acme Corporation', BillingCurrency: 'EUR' },
      ...{ ChargeCategory: 'Usage', ChargeClass: '', ChargeFrequency: 'Usage-Based', ServiceName: 'orders' },
      ...{ SkuId: 'orders/search_orders', SkuPriceId: 'pv-1', InvoiceId: 'in_1', SubAccountId: '' },
      ...{ Tags: '{"application":"helpdesk"}', ServiceCategory: 'Integration', x_StatementLine: '1' },
    });
    // 3 x 0.005 = 0.015 is 0.02 on the invoice: the last row has what the exact costs lack.
    expect(rows[1]).toMatchObject({ BilledCost: '0.01', ContractedCost: '0.005', PricingQuantity: '1' });
  });

  it('gives each team its allocation, also one that has no call of its own', () => {
    const allocation = (team: string, amountMinor: bigint): LineAllocation => ({
      ...{ team, costCenter: team === '' ? '' : `CC-${team}`, amountMinor, quantity: 1n },
    });
    const rows = table({
      statement: statement([
        line({
          quantity: 10n,
          amountMinor: 100n,
          allocations: [allocation('a', 66n), allocation('b', 33n), allocation('c', 1n)],
        }),
      ]),
      parties,
      usageOf: () => [
        used('2026-11-01', '3.3333', { team: 'a', costCenter: 'CC-a' }),
        used('2026-11-02', '3.3333', { team: 'a', costCenter: 'CC-a' }),
        used('2026-11-02', '3.3334', { team: 'b', costCenter: 'CC-b' }),
      ],
    });
    expect(
      rows.map((row) => [row['SubAccountName'], row['BilledCost'], row['ContractedUnitPrice'], row['Tags']]),
    ).toEqual([
      ['a', '0.33', '', '{"application":"helpdesk","cost_center":"CC-a"}'],
      ['a', '0.33', '', '{"application":"helpdesk","cost_center":"CC-a"}'],
      ['b', '0.33', '', '{"application":"helpdesk","cost_center":"CC-b"}'],
      ['c', '0.01', '', '{"cost_center":"CC-c"}'],
    ]);
  });

  it('calls a correction of an invoiced month one, a credit a credit, and a minimum an adjustment', () => {
    const rows = table({
      statement: statement([
        line({ kind: 'adjustment', quantity: -5n, amountMinor: -25n, days: ['2026-10-30', '2026-10-30'] }),
        line({ lineNo: 2, kind: 'adjustment', quantity: -5n, amountMinor: -25n, days: ['2026-11-03', '2026-11-03'] }),
        line({ lineNo: 3, kind: 'adjustment', amountMinor: -100n, days: ['2026-11-03', '2026-11-03'] }),
        line({ lineNo: 4, kind: 'minimum', amountMinor: 381n }),
      ]),
      parties,
      usageOf: () => [],
    });
    expect(
      rows.map((row) => [
        row['ChargeCategory'],
        row['ChargeClass'],
        row['BilledCost'],
        row['PricingQuantity'],
        row['ChargeFrequency'],
      ]),
    ).toEqual([
      ['Usage', 'Correction', '-0.25', '-5', 'One-Time'],
      ['Usage', '', '-0.25', '-5', 'One-Time'],
      ['Credit', '', '-1', '0', 'One-Time'],
      ['Adjustment', '', '3.81', '', 'Recurring'],
    ]);
  });

  it('sums to every team, every line and the invoice exactly, on 500 random statements', () => {
    fc.assert(
      fc.property(fc.array(anyLine(), { maxLength: 6 }), (drawn) => {
        const lines = drawn.map((each, index) => ({ ...each.line, lineNo: index + 1 }));
        const whole = statement(lines);
        const rows = table({ statement: whole, parties, usageOf: ({ lineNo }) => drawn[lineNo - 1]?.usage ?? [] });
        const billed = (of: (row: Readonly<Record<string, string>>) => boolean): bigint =>
          sum(rows.filter(of).map((row) => row['BilledCost'] ?? ''));
        expect(billed(() => true)).toBe(cents(whole.subtotalMinor));
        for (const each of lines) {
          const isOfLine = (row: Readonly<Record<string, string>>) => row['x_StatementLine'] === String(each.lineNo);
          expect(billed(isOfLine)).toBe(cents(each.amountMinor));
          for (const { team, amountMinor } of each.allocations)
            expect(billed((row) => isOfLine(row) && row['SubAccountName'] === team)).toBe(cents(amountMinor));
        }
      }),
      { numRuns: 500, seed: 12 },
    );
  });

  it('never charges a row other than price times quantity, but for the last of a line, on 500 random lines', () => {
    fc.assert(
      fc.property(anyLine({ isFlat: true }), ({ line: each, usage }) => {
        const rows = table({ statement: statement([each]), parties, usageOf: () => usage });
        for (const row of rows)
          if (row['ContractedUnitPrice'] !== '')
            expect(sum([row['ContractedCost'] ?? '']) * 10n ** 12n).toBe(
              sum([row['ContractedUnitPrice'] ?? '']) * sum([row['PricingQuantity'] ?? '']),
            );
        const different = rows.filter((row) => row['BilledCost'] !== row['ContractedCost']);
        expect(different.length).toBeLessThanOrEqual(1);
        if (different[0] !== undefined) expect(different[0]).toBe(rows.at(-1));
      }),
      { numRuns: 500, seed: 13 },
    );
  });
});

interface Drawn {
  readonly line: StatementLine;
  readonly usage: readonly FocusUsage[];
}

const teams = ['', 'support', 'finance'];

/** A line as the statement builder makes them, with the usage behind it and, if not flat, amounts that no price explains. */
const anyLine = ({ isFlat = false }: { readonly isFlat?: boolean } = {}): fc.Arbitrary<Drawn> =>
  fc
    .record({
      price: fc.bigInt(0n, 10n ** 13n),
      amounts: fc.array(fc.bigInt(0n, 10n ** 6n), { minLength: 3, maxLength: 3 }),
      isAllocated: fc.boolean(),
      hasUnit: fc.boolean(),
      rows: fc.array(
        fc.record({
          day: fc.integer({ min: 1, max: 30 }),
          team: fc.integer({ min: 0, max: 2 }),
          quantity: fc.bigInt(1n, 10n ** 6n),
        }),
        { maxLength: 8 },
      ),
    })
    .map(({ price, amounts, isAllocated, hasUnit, rows }) => {
      const shares = isAllocated && !isFlat;
      const usage = rows.map(({ day, team, quantity }) =>
        used(`2026-11-${String(day).padStart(2, '0')}`, quantity.toString(), {
          team: shares ? (teams[team] ?? '') : '',
        }),
      );
      const quantity = rows.reduce((total, row) => total + row.quantity, 0n);
      const unitAmount = `${price / 10n ** 12n}.${(price % 10n ** 12n).toString().padStart(12, '0')}`;
      const isUnit = isFlat || hasUnit;
      const allocations = shares
        ? teams.map((team, index) => ({ team, costCenter: '', amountMinor: amounts[index] ?? 0n, quantity: 0n }))
        : [];
      const amountMinor = shares
        ? allocations.reduce((total, each) => total + each.amountMinor, 0n)
        : isUnit
          ? roundToMinor(multiply(decimal(unitAmount), quantity), 'eur')
          : (amounts[0] ?? 0n);
      return { line: line({ quantity, amountMinor, allocations, ...(isUnit ? { unitAmount } : {}) }), usage };
    });
