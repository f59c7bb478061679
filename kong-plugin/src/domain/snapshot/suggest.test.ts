import { describe, expect, it } from 'vitest';
import { closest, didYouMean, editDistance } from './suggest.ts';

describe('closest', () => {
  it.each<[string, readonly string[], string | undefined]>([
    ['timeZone', ['id', 'time_zone'], 'time_zone'],
    ['tenant', ['tenants', 'servers'], 'tenants'],
    ['limts', ['limits', 'plans'], 'limits'],
    ['improts', ['imports', 'import'], 'imports'],
    ['monday', ['mon', 'sun'], 'mon'],
    ['give-back', ['give_back'], 'give_back'],
    ['whatever', ['rules', 'plans'], undefined],
    ['day', ['rate', 'kind'], undefined],
    ['', ['a'], undefined],
    ['x'.repeat(65), ['x'.repeat(64)], undefined],
  ])('of %j in %j is %j', (word, candidates, expected) => {
    expect(closest(word, candidates)).toBe(expected);
  });

  it('looks at 5,000 candidates and no more', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `candidate-${index}`);
    expect(closest('orders', [...many.slice(1), 'order'])).toBe('order');
    expect(closest('orders', [...many, 'order'])).toBeUndefined();
  });

  it('becomes a question', () => {
    expect(didYouMean('plan', ['plans'])).toBe('Did you mean plans?');
    expect(didYouMean('plan', [])).toBeUndefined();
  });
});

describe('editDistance', () => {
  it.each<[string, string, number]>([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', '', 3],
    ['', 'abc', 3],
    ['abc', 'abd', 1],
    ['abc', 'bac', 1],
    ['kitten', 'sitting', 3],
  ])('of %j and %j is %d', (left, right, expected) => {
    expect(editDistance(left, right)).toBe(expected);
  });
});
