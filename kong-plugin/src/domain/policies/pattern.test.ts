import { describe, expect, it } from 'vitest';
import { compilePattern, coversPattern, isEverything, matchesPattern } from './pattern.ts';

const matches = (pattern: string, text: string): boolean => matchesPattern(compilePattern(pattern), text);

describe('a pattern', () => {
  it.each([
    ['search', 'search'],
    ['search_*', 'search_orders'],
    ['search_*', 'search_'],
    ['*_orders', 'search_orders'],
    ['*', ''],
    ['*', 'anything at all'],
    ['**', 'anything'],
    ['a*b*c', 'abc'],
    ['a*b*c', 'a-b-b-c'],
    ['*ab*ab*', 'abab'],
    ['a*a', 'aa'],
    ['file:///public/*', 'file:///public/a/b'],
    ['.*', '.hidden'],
    ['a.c', 'a.c'],
    ['[ab]', '[ab]'],
    ['constructor', 'constructor'],
    ['größe*', 'größe-1'],
    ['a*', 'a\nb'],
  ])('%j matches %j', (pattern, text) => {
    expect(matches(pattern, text)).toBe(true);
  });

  it.each([
    ['search', 'Search'],
    ['search', 'search '],
    ['search', 'searching'],
    ['search', 'research'],
    ['search_*', 'search'],
    ['*_orders', 'orders'],
    ['a*a', 'a'],
    ['ab*bc', 'abc'],
    ['a*b*c', 'acb'],
    ['*ab*ab*', 'aba'],
    ['*b*bb', 'bb'],
    ['a.c', 'abc'],
    ['[ab]', 'a'],
    ['a?', 'ab'],
    ['', 'a'],
    ['search', 'search\u0000'],
    ['é', 'e\u0301'],
  ])('%j does not match %j', (pattern, text) => {
    expect(matches(pattern, text)).toBe(false);
  });

  it('of 200 stars is settled in one pass over a text of 100,000 characters that almost matches', () => {
    expect(matches('*a'.repeat(200) + '*b', 'a'.repeat(100_000))).toBe(false);
  });

  it.each([
    ['*', true],
    ['***', true],
    ['a*', false],
    ['*a*', false],
    ['', false],
  ])('%j is everything: %s', (pattern, expected) => {
    expect(isEverything(compilePattern(pattern))).toBe(expected);
  });
});

describe('coversPattern', () => {
  it.each([
    ['*', 'delete_*'],
    ['delete_*', 'delete_order'],
    ['delete_*', 'delete_*'],
    ['delete_*', 'delete_o*'],
    ['*_order', 'delete_*_order'],
    ['*', '*'],
  ])('%j covers %j', (wide, narrow) => {
    expect(coversPattern(wide, narrow)).toBe(true);
  });

  it.each([
    ['delete_*', '*'],
    ['delete_order', 'delete_*'],
    ['delete_o*', 'delete_*'],
    ['*_order', 'delete_*'],
    ['a*b', 'a*'],
  ])('%j does not cover %j', (wide, narrow) => {
    expect(coversPattern(wide, narrow)).toBe(false);
  });
});
