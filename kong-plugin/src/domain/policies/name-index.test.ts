import { describe, expect, it } from 'vitest';
import { createNameIndex, stronger, type Entry, type Found } from './name-index.ts';
import { compilePattern, matchesPattern } from './pattern.ts';

const allow = (order: number): Entry => ({ order, rule: `allow-${order}`, effect: 'allow' });
const deny = (order: number): Entry => ({ order, rule: `deny-${order}`, effect: 'deny' });

describe('a name index', () => {
  it.each<[string, readonly (readonly [string, Entry])[], string, string | undefined]>([
    ['the name itself', [['search', allow(0)]], 'search', 'allow-0'],
    ['nothing for another name', [['search', allow(0)]], 'searches', undefined],
    [
      'a later deny over an earlier allow',
      [
        ['search', allow(0)],
        ['search', deny(1)],
      ],
      'search',
      'deny-1',
    ],
    [
      'a deny by pattern over an exact allow',
      [
        ['search', allow(0)],
        ['s*', deny(1)],
      ],
      'search',
      'deny-1',
    ],
    [
      'an exact deny over an allow by pattern',
      [
        ['*', allow(0)],
        ['search', deny(1)],
      ],
      'search',
      'deny-1',
    ],
    [
      'the name itself over an earlier pattern',
      [
        ['s*', allow(0)],
        ['search', allow(1)],
      ],
      'search',
      'allow-1',
    ],
    [
      'the earlier of two patterns',
      [
        ['se*', allow(0)],
        ['s*', allow(1)],
      ],
      'search',
      'allow-0',
    ],
    [
      'the earlier of two denies',
      [
        ['*', deny(0)],
        ['*', deny(1)],
      ],
      'search',
      'deny-0',
    ],
    ['a pattern without a prefix', [['*arch', allow(0)]], 'search', 'allow-0'],
    ['nothing for a name shorter than the prefix', [['search*', allow(0)]], 'sea', undefined],
    ['nothing for constructor', [['search', allow(0)]], 'constructor', undefined],
    ['nothing for __proto__', [['search', allow(0)]], '__proto__', undefined],
    ['__proto__ when a rule lists it', [['__proto__', allow(0)]], '__proto__', 'allow-0'],
  ])('finds %s', (_, listed, name, rule) => {
    expect(createNameIndex(listed).find(name)?.rule).toBe(rule);
  });

  it('agrees with trying all of 300 patterns one by one, for 1,000 names', () => {
    const next = generator(20_260_801);
    const text = (): string => Array.from({ length: 1 + next(6) }, () => 'ab_*'[next(4)]).join('');
    const listed = Array.from(
      { length: 300 },
      (_, order) => [text(), next(3) === 0 ? deny(order) : allow(order)] as const,
    );
    const index = createNameIndex(listed);
    let found = 0;
    for (let count = 0; count < 1000; count++) {
      const name = text().replaceAll('*', 'b');
      const expected = oneByOne(listed, name);
      expect(index.find(name)).toEqual(expected);
      if (expected !== undefined) found += 1;
    }
    expect(found).toBeGreaterThan(100);
  });

  it.each<[readonly (readonly [string, Entry])[], boolean, boolean]>([
    [[['*', allow(0)]], true, false],
    [[['**', allow(0)]], true, false],
    [[['*', deny(0)]], false, true],
    [[['a*', allow(0)]], false, false],
    [
      [
        ['*', allow(0)],
        ['x', deny(1)],
      ],
      true,
      true,
    ],
    [[], false, false],
  ])('of %j allows everything: %s, denies something: %s', (listed, allowsEverything, deniesSomething) => {
    expect(createNameIndex(listed)).toMatchObject({ allowsEverything, deniesSomething });
  });
});

const oneByOne = (listed: readonly (readonly [string, Entry])[], name: string): Found | undefined =>
  listed
    .filter(([pattern]) => matchesPattern(compilePattern(pattern), name))
    .map(([pattern, entry]): Found => ({ ...entry, isExact: !pattern.includes('*') }))
    .reduce<Found | undefined>(stronger, undefined);

/** A small linear congruential generator: the same numbers in every run. */
const generator = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};
