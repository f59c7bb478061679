import { describe, expect, it } from 'vitest';
import { closest, didYouMean } from './closest.ts';

describe('closest', () => {
  it.each([
    ['acmee', 'acme'],
    ['ACME', 'acme'],
    ['globx', 'globex'],
    ['initech', undefined],
    ['', undefined],
    ['a'.repeat(100), undefined],
  ])('takes %j for %j', (word, meant) => {
    expect(closest(word, ['globex', 'acme', ''])).toBe(meant);
  });

  it('says nothing where nothing is near', () => {
    expect(didYouMean('globx', ['globex'])).toBe(' Did you mean globex?');
    expect(didYouMean('initech', ['globex'])).toBe('');
  });
});
