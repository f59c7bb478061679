import { describe, expect, it } from 'vitest';
import { addDays, daysBetween, isDay } from './day.ts';
import { isWithin, lastDayOf, monthName, monthOf, parseMonth } from './period.ts';

describe('periods', () => {
  it.each([
    ['2026-01', '2026-01-01', '2026-02-01', 31],
    ['2026-02', '2026-02-01', '2026-03-01', 28],
    ['2028-02', '2028-02-01', '2028-03-01', 29],
    ['2026-12', '2026-12-01', '2027-01-01', 31],
    // Days on which clocks change somewhere are days like others.
    ['2026-03', '2026-03-01', '2026-04-01', 31],
  ])('%s is from %s to before %s', (month, start, end, days) => {
    const period = parseMonth(month);
    expect(period).toEqual({ ok: true, value: { start, end } });
    expect(daysBetween(start, end)).toBe(days);
    expect(monthOf(lastDayOf({ start, end }))).toEqual({ start, end });
    expect(monthName({ start, end })).toBe(month);
  });

  it.each(['2026-13', '2026-00', '2026', '2026-3', '26-03', '2026-03-01'])('%s is no month', (text) => {
    expect(parseMonth(text, 'month')).toMatchObject({ ok: false, error: { path: 'month' } });
  });

  it('are half-open', () => {
    const march = { start: '2026-03-01', end: '2026-04-01' };
    expect(['2026-02-28', '2026-03-01', '2026-03-31', '2026-04-01'].map((day) => isWithin(day, march))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('days', () => {
  it.each([
    ['2026-02-28', true],
    ['2026-02-29', false],
    ['2028-02-29', true],
    ['2026-04-31', false],
    ['2026-1-1', false],
    ['2026-01-01T00:00:00Z', false],
    ['', false],
  ])('%s: %s', (text, isOne) => {
    expect(isDay(text)).toBe(isOne);
  });

  it('are counted across months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  });
});
