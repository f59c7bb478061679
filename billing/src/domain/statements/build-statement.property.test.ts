import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AllocationRule } from '../allocation/allocation-rule.ts';
import type { PriceVersion } from '../pricing/price-version.ts';
import { priceModels } from '../pricing/testing/arbitrary-price.ts';
import { buildStatement } from './build-statement.ts';
import { canonicalStatement, readCanonicalStatement } from './canonical-statement.ts';
import { sealOf } from './seal.ts';
import type { Statement } from './statement.ts';
import { inputOf, price, used, type InputParts } from './testing/statement-fixtures.ts';
import { oracleLines } from './testing/statement-oracle.ts';

const days = fc.integer({ min: 1, max: 31 }).map((n) => `2026-03-${String(n).padStart(2, '0')}`);
const tools = fc.constantFrom('a', 'b', 'c');
const servers = fc.constantFrom('maps', 'weather');

const usage = fc.array(
  fc
    .record({
      day: days,
      server: servers,
      tool: tools,
      application: fc.constantFrom('bot', 'desk', ''),
      outcome: fc.constantFrom('ok', 'ok', 'ok', 'tool_error', 'refused'),
      quantity: fc.integer({ min: 0, max: 60 }),
    })
    .map(({ quantity, ...more }) => used(quantity, more)),
  { maxLength: 25 },
);

const versions = fc
  .array(
    fc.record({
      server: servers,
      tool: fc.oneof(tools, fc.constant('*')),
      tenant: fc.option(fc.constant('acme'), { nil: undefined }),
      price: priceModels,
      freeUnits: fc.option(fc.bigInt(0n, 80n), { nil: undefined }),
      pool: fc.option(fc.constantFrom('p1', 'p2'), { nil: undefined }),
      billableOutcomes: fc.constantFrom(['ok'], ['ok', 'tool_error']),
      effectiveFrom: fc.oneof(fc.constant('2026-01-01'), days),
      effectiveTo: fc.option(days, { nil: undefined }),
    }),
    { maxLength: 10 },
  )
  .map((rows): readonly PriceVersion[] => {
    // One version of a scope and a day, as the store ensures.
    const scopes = new Map(rows.map((row) => [[row.server, row.tool, row.tenant, row.effectiveFrom].join('|'), row]));
    return [...scopes.values()]
      .filter(({ effectiveFrom, effectiveTo }) => effectiveTo === undefined || effectiveTo > effectiveFrom)
      .map(({ tenant, freeUnits, pool, effectiveTo, ...row }, index) =>
        price(`v${index}`, {
          ...row,
          ...(tenant === undefined ? {} : { tenant }),
          ...(freeUnits === undefined ? {} : { freeUnits }),
          ...(pool === undefined ? {} : { pool }),
          ...(effectiveTo === undefined ? {} : { effectiveTo }),
        }),
      );
  });

const rules: fc.Arbitrary<readonly AllocationRule[]> = fc.array(
  fc.record({
    id: fc.uuid(),
    tenant: fc.constant('acme'),
    application: fc.constantFrom('bot', 'desk'),
    team: fc.constantFrom('red', 'green', 'blue'),
    costCenter: fc.constantFrom('100', '200'),
    weightBp: fc.integer({ min: 1, max: 2_500 }),
    effectiveFrom: days,
  }),
  { maxLength: 4 },
);

const parts: fc.Arbitrary<InputParts & { readonly prices: readonly PriceVersion[] }> = fc.record({
  usage,
  prices: versions,
  allocationRules: rules,
  tenant: fc.record({
    currency: fc.constantFrom('eur', 'jpy'),
  }),
  pools: fc.tuple(fc.bigInt(0n, 100n), fc.bigInt(0n, 100n)).map(([one, two]) => [
    { id: 'p1', units: one, effectiveFrom: '2026-01-01' },
    { id: 'p2', units: two, effectiveFrom: '2026-01-01' },
  ]),
});

/** Prices follow the tenant's currency, so that yen are tested with prices and not with unpriced tools. */
const inCurrency = <Parts extends InputParts>(input: Parts): Parts => ({
  ...input,
  prices: (input.prices ?? []).map((version) => ({ ...version, currency: input.tenant?.currency ?? 'eur' })),
});

const build = (input: InputParts): Statement => {
  const statement = buildStatement(inputOf(input));
  if (!statement.ok) throw new Error(JSON.stringify(statement.error));
  return statement.value;
};

describe('statements of random months', () => {
  it('have the lines that an oracle counts call by call, for 2,000 months', () => {
    fc.assert(
      fc.property(parts.map(inCurrency), (input) => {
        const { lines } = build(input);
        const oracle = oracleLines(inputOf(input), input.prices);
        const ours = lines.map((line) => ({
          key: [line.server, line.tool, line.priceVersionId, line.days[0]].join('|'),
          quantity: Number(line.quantity),
          free: Number(line.freeQuantity),
          amount: line.amountMinor.toString(),
        }));
        const theirs = oracle.map((line) => ({
          key: [line.server, line.tool, line.version, line.first].join('|'),
          quantity: line.quantity,
          free: line.free,
          amount: line.amount,
        }));
        expect(ours).toEqual(theirs.sort((one, other) => compareKeys(one.key, other.key)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('add up: lines to the subtotal, teams to lines, outcomes to calls, for 1,000 months', () => {
    fc.assert(
      fc.property(
        parts.map(inCurrency),
        fc.option(fc.bigInt(0n, 5_000n), { nil: undefined }),
        (input, minimumMinor) => {
          const minimum = minimumMinor === undefined ? {} : { minimumMinor };
          const statement = build({ ...input, tenant: { ...input.tenant, ...minimum } });
          expect(sum(statement.lines.map(({ amountMinor }) => amountMinor))).toBe(statement.subtotalMinor);
          if (minimumMinor !== undefined) expect(statement.subtotalMinor).toBeGreaterThanOrEqual(minimumMinor);
          for (const { allocations, amountMinor, quantity, outcomes } of statement.lines) {
            expect(sum(allocations.map((part) => part.amountMinor))).toBe(amountMinor);
            expect(sum(allocations.map((part) => part.quantity))).toBe(quantity);
            expect(sum(outcomes.billed.map((part) => part.quantity))).toBe(quantity);
          }
          const calls = sum((input.usage ?? []).map(({ quantity }) => quantity));
          const stated = [
            ...statement.lines,
            ...statement.unbilled,
            ...statement.unpriced.flatMap(({ outcomes }) => outcomes),
          ];
          expect(sum(stated.map(({ quantity }) => quantity))).toBe(calls);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('are the same, seal included, whatever the order of their input, for 500 months', () => {
    fc.assert(
      fc.property(parts.map(inCurrency), fc.infiniteStream(fc.nat()), (input, random) => {
        const shuffle = <Item>(items: readonly Item[] = []): readonly Item[] =>
          items
            .map((item) => ({ item, at: random.next().value }))
            .sort((one, other) => Number(one.at) - Number(other.at))
            .map(({ item }) => item);
        const shuffled = {
          ...input,
          usage: shuffle(input.usage),
          prices: shuffle(input.prices),
          pools: shuffle(input.pools),
          allocationRules: shuffle(input.allocationRules),
        };
        expect(sealOf(build(shuffled))).toBe(sealOf(build(input)));
      }),
      { numRuns: 500 },
    );
  });

  it('never get cheaper with a call more, volume prices aside, for 1,000 months', () => {
    fc.assert(
      fc.property(parts.map(inCurrency), days, servers, tools, (input, day, server, tool) => {
        fc.pre(input.prices.every(({ price: model }) => model.model !== 'volume'));
        // A pool is shared: one tool's call may be another tool's last free one, at another price; that only adds.
        const before = build({ ...input, prices: withoutPools(input.prices) });
        const after = build({
          ...input,
          prices: withoutPools(input.prices),
          usage: [...(input.usage ?? []), used(1, { day, server, tool })],
        });
        expect(after.subtotalMinor).toBeGreaterThanOrEqual(before.subtotalMinor);
      }),
      { numRuns: 1_000 },
    );
  });

  it('read back from their canonical text as they were', () => {
    fc.assert(
      fc.property(parts.map(inCurrency), (input) => {
        const statement = build(input);
        const read = readCanonicalStatement(canonicalStatement(statement));
        expect(read).toEqual({ ok: true, value: statement });
      }),
      { numRuns: 200 },
    );
  });
});

const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((before, number) => before + number, 0n);

const compareKeys = (left: string, right: string): number => {
  const [a = '', b = '', , c = ''] = left.split('|');
  const [d = '', e = '', , f = ''] = right.split('|');
  return [a, b, c].join('|') < [d, e, f].join('|') ? -1 : 1;
};

const withoutPools = (prices: readonly PriceVersion[]): readonly PriceVersion[] =>
  prices.map(({ pool: _pool, ...version }) => version);
