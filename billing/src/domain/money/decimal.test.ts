import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimal } from './decimal.ts';

describe('parseDecimal', () => {
  it.each([
    ['0', 0n],
    ['1', 1_000_000_000_000n],
    ['0.0025', 2_500_000_000n],
    ['0.000000000001', 1n],
    ['999999999999999.999999999999', 999_999_999_999_999_999_999_999_999n],
    ['1.50', 1_500_000_000_000n],
  ])('reads %s', (text, digits) => {
    expect(parseDecimal(text)).toEqual({ ok: true, value: { digits } });
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '-1',
    '+1',
    '1e3',
    '1.',
    '.5',
    '1,5',
    '0x10',
    'NaN',
    'Infinity',
    '１',
    '1_000',
    '0.0000000000001',
    '1000000000000000',
    '1\n',
  ])('refuses %j, naming the place and the form', (text) => {
    const read = parseDecimal(text, 'prices[0].unit_amount');
    expect(read.ok).toBe(false);
    if (!read.ok) {
      expect(read.error.path).toBe('prices[0].unit_amount');
      expect(read.error.suggestion).toContain('0.0025');
    }
  });

  it.each(['0', '1', '0.0025', '0.000000000001', '12345.6789'])('writes %s as it was read', (text) => {
    const read = parseDecimal(text);
    expect(read.ok && formatDecimal(read.value)).toBe(text);
  });

  it('writes a number below zero with its sign', () => {
    expect(formatDecimal({ digits: -2_500_000_000n })).toBe('-0.0025');
  });
});
