import { describe, expect, it } from 'vitest';
import {
  addDays,
  dayOf,
  isDay,
  judgeTime,
  millisecondsOfId,
  monthOf,
  monthStart,
  timeLimits,
} from './invocation-time.ts';

const now = Date.UTC(2028, 2, 1, 0, 0, 0);
const minute = 60_000;
const day = 86_400_000;

describe('days and months', () => {
  it.each([
    ['2028-02-28T23:59:59.999Z', '2028-02-28', '2028-02'],
    ['2028-02-29T00:00:00.000Z', '2028-02-29', '2028-02'],
    ['2028-03-01T00:00:00.000Z', '2028-03-01', '2028-03'],
    ['2026-12-31T23:59:59.999Z', '2026-12-31', '2026-12'],
    // Clocks change in Europe; a day is UTC and does not.
    ['2026-03-29T01:00:00.000Z', '2026-03-29', '2026-03'],
  ])('%s is in %s and %s', (time, expectedDay, month) => {
    expect([dayOf(Date.parse(time)), monthOf(Date.parse(time))]).toEqual([expectedDay, month]);
  });

  it.each([
    ['2028-02', 0, '2028-02-01'],
    ['2028-02', 1, '2028-03-01'],
    ['2026-12', 1, '2027-01-01'],
    ['2026-01', -1, '2025-12-01'],
    ['2026-11', -13, '2025-10-01'],
  ])('of %s and %i months on, the first day is %s', (month, offset, expected) => {
    expect(monthStart(month, offset)).toBe(expected);
  });

  it.each([
    ['2028-02-28', 1, '2028-02-29'],
    ['2027-02-28', 1, '2027-03-01'],
    ['2026-03-29', 1, '2026-03-30'],
    ['2027-01-01', -1, '2026-12-31'],
  ])('%s and %i days is %s', (from, days, expected) => {
    expect(addDays(from, days)).toBe(expected);
  });

  it.each([
    ['2028-02-29', true],
    ['2027-02-29', false],
    ['2026-2-1', false],
    ['2026-13-01', false],
    ['', false],
  ])('%j is a day: %s', (text, expected) => {
    expect(isDay(text)).toBe(expected);
  });

  it('an id holds its milliseconds', () => {
    expect(millisecondsOfId('019cacaf-e123-7abc-8def-0123456789ab')).toBe(0x019cacafe123);
  });
});

describe('the time of an event', () => {
  it.each([
    [5 * minute, 'on_time'],
    [5 * minute + 1, 'future'],
    [-timeLimits.late, 'on_time'],
    [-timeLimits.late - 1, 'late'],
    [-timeLimits.oldest, 'late'],
    [-timeLimits.oldest - 1, 'too_old'],
    [-now, 'too_old'],
  ])('%i ms from now is %s', (offset, verdict) => {
    expect(judgeTime(now + offset, { now, keptFrom: undefined })).toBe(verdict);
  });

  it('is retired before the months that are kept, however young, and not at their start', () => {
    const keptFrom = now - 10 * day;
    expect(judgeTime(keptFrom - 1, { now, keptFrom })).toBe('retired');
    expect(judgeTime(keptFrom, { now, keptFrom })).toBe('on_time');
  });
});
