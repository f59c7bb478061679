import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAllocationBook } from './allocation-book.ts';
import type { AllocationRule } from './allocation-rule.ts';
import { checkAllocationRules } from './check-allocation-rules.ts';
import { splitByWeight } from './split-by-weight.ts';

const rule = (id: string, team: string, more: Partial<AllocationRule> = {}): AllocationRule => ({
  id,
  tenant: 'acme',
  team,
  costCenter: `cc-${team}`,
  weightBp: 10_000,
  effectiveFrom: '2026-01-01',
  ...more,
});
const subject = { application: 'bot', server: 'weather', tool: 'forecast', day: '2026-03-10' };
const teams = (rules: readonly AllocationRule[]): readonly (readonly [string, number])[] =>
  createAllocationBook(rules)
    .sharesOf(subject)
    .map(({ team, weightBp }) => [team, weightBp]);

describe('splitByWeight', () => {
  it.each<[bigint, bigint[], bigint[]]>([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [1n, [1n, 2n], [0n, 1n]],
    [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
    [0n, [5n, 5n], [0n, 0n]],
    [10n, [0n, 1n], [0n, 10n]],
    [1000n, [3334n, 3333n, 3333n], [334n, 333n, 333n]],
  ])('%s by %o is %o', (total, weights, parts) => {
    expect(splitByWeight(total, weights)).toEqual(parts);
  });

  it('loses nothing and is never more than one unit off a share, for 2,000 totals', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 15n), 10n ** 15n),
        fc.array(fc.bigInt(0n, 10n ** 12n), { minLength: 1, maxLength: 20 }),
        (total, weights) => {
          const sum = weights.reduce((before, weight) => before + weight, 0n);
          fc.pre(sum > 0n);
          const parts = splitByWeight(total, weights);
          expect(parts.reduce((before, part) => before + part, 0n)).toBe(total);
          parts.forEach((part, index) => {
            const off = part * sum - total * (weights[index] ?? 0n);
            expect(off < sum && off > -sum).toBe(true);
          });
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('allocation rules', () => {
  it.each<[string, readonly AllocationRule[], readonly (readonly [string, number])[]]>([
    ['nobody without rules', [], [['', 10_000]]],
    ['the default', [rule('1', 'platform')], [['platform', 10_000]]],
    [
      'the application before the tool',
      [rule('1', 'tools', { server: 'weather', tool: 'forecast' }), rule('2', 'bots', { application: 'bot' })],
      [['bots', 10_000]],
    ],
    [
      'the tool before its server',
      [rule('1', 'weather', { server: 'weather' }), rule('2', 'tools', { server: 'weather', tool: 'forecast' })],
      [['tools', 10_000]],
    ],
    [
      'two teams by weight, and the rest to nobody',
      [rule('1', 'red', { weightBp: 3_000 }), rule('2', 'blue', { weightBp: 2_500 })],
      [
        ['red', 3_000],
        ['blue', 2_500],
        ['', 4_500],
      ],
    ],
    [
      'rules in force that day',
      [rule('1', 'old', { effectiveTo: '2026-03-10' }), rule('2', 'new', { effectiveFrom: '2026-03-10' })],
      [['new', 10_000]],
    ],
  ])('charge %s', (_name, rules, expected) => {
    expect(teams(rules)).toEqual(expected);
    expect(teams([...rules].reverse())).toEqual(expected);
  });

  it.each<[readonly AllocationRule[], string]>([
    [[rule('1', 'red', { weightBp: 0 })], 'allocation_rules[0].weight_bp'],
    [[rule('1', 'red', { weightBp: 10_001 })], 'allocation_rules[0].weight_bp'],
    [[rule('1', 'red', { weightBp: 2.5 })], 'allocation_rules[0].weight_bp'],
    [[rule('1', 'red', { tool: 'forecast' })], 'allocation_rules[0].server'],
    [[rule('1', 'red', { effectiveTo: '2026-01-01' })], 'allocation_rules[0].effective_to'],
    [
      [rule('1', 'red'), rule('2', 'blue', { effectiveFrom: '2026-02-01', weightBp: 1 })],
      'allocation_rules[1].weight_bp',
    ],
  ])('%j are refused at %s', (rules, path) => {
    expect(checkAllocationRules(rules).map((issue) => issue.path)).toContain(path);
  });

  it('that follow each other may each give everything', () => {
    expect(
      checkAllocationRules([
        rule('1', 'old', { effectiveTo: '2026-03-10' }),
        rule('2', 'new', { effectiveFrom: '2026-03-10' }),
      ]),
    ).toEqual([]);
  });
});
