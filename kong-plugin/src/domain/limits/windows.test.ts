import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Window } from './limit-rule.ts';
import { createWindows } from './windows.ts';

const bounds = (window: Window, now: string, zone = 'UTC'): readonly string[] => {
  const { startsAt, endsAt } = createWindows()(window, Date.parse(now), zone);
  return [new Date(startsAt).toISOString(), new Date(endsAt).toISOString()];
};
const hours = (window: Window, now: string, zone: string): number => {
  const { startsAt, endsAt } = createWindows()(window, Date.parse(now), zone);
  return (endsAt - startsAt) / 3_600_000;
};

describe('the window that holds a moment', () => {
  it.each<[Window, string, string, string, string]>([
    ['second', '2026-08-15T12:00:00.999Z', 'UTC', '2026-08-15T12:00:00.000Z', '2026-08-15T12:00:01.000Z'],
    ['minute', '2026-08-15T12:34:59.999Z', 'UTC', '2026-08-15T12:34:00.000Z', '2026-08-15T12:35:00.000Z'],
    ['hour', '2026-08-15T12:34:00.000Z', 'Asia/Kolkata', '2026-08-15T12:00:00.000Z', '2026-08-15T13:00:00.000Z'],
    ['day', '2026-08-15T23:00:00.000Z', 'UTC', '2026-08-15T00:00:00.000Z', '2026-08-16T00:00:00.000Z'],
    ['day', '2026-08-15T22:00:00.000Z', 'Europe/Berlin', '2026-08-15T22:00:00.000Z', '2026-08-16T22:00:00.000Z'],
    ['day', '2026-08-15T21:59:59.999Z', 'Europe/Berlin', '2026-08-14T22:00:00.000Z', '2026-08-15T22:00:00.000Z'],
    ['month', '2026-08-31T21:59:59.999Z', 'Europe/Berlin', '2026-07-31T22:00:00.000Z', '2026-08-31T22:00:00.000Z'],
    ['month', '2026-08-31T22:00:00.000Z', 'Europe/Berlin', '2026-08-31T22:00:00.000Z', '2026-09-30T22:00:00.000Z'],
    ['month', '2026-01-31T12:00:00.000Z', 'UTC', '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
    ['month', '2028-02-29T12:00:00.000Z', 'UTC', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    ['month', '2026-12-31T23:59:59.999Z', 'UTC', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['month', '2026-10-10T00:00:00.000Z', 'Europe/Berlin', '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
  ])('a %s at %s in %s is %s to %s, the end excluded', (window, now, zone, startsAt, endsAt) => {
    expect(bounds(window, now, zone)).toEqual([startsAt, endsAt]);
  });

  it.each<[string, string, number]>([
    ['2026-03-29T12:00:00Z', 'Europe/Berlin', 23],
    ['2026-10-25T12:00:00Z', 'Europe/Berlin', 25],
    ['2026-10-24T12:00:00Z', 'Europe/Berlin', 24],
    ['2026-04-05T00:00:00Z', 'Australia/Lord_Howe', 24.5],
    // Midnight does not exist: the day begins at 01:00.
    ['2018-11-04T12:00:00Z', 'America/Sao_Paulo', 23],
    // Midnight comes twice: the day begins with the first.
    ['2025-11-02T03:59:00Z', 'America/Havana', 24],
    ['2025-11-02T04:30:00Z', 'America/Havana', 25],
    ['2025-11-02T05:30:00Z', 'America/Havana', 25],
    ['2025-11-03T03:00:00Z', 'America/Havana', 25],
    // The zone crossed the date line and had no 30 December.
    ['2011-12-29T20:00:00Z', 'Pacific/Apia', 24],
  ])('the day of %s in %s has %d hours', (now, zone, expected) => {
    expect(hours('day', now, zone)).toBe(expected);
  });

  it('counts in UTC when the zone is unknown to this runtime', () => {
    expect(bounds('day', '2026-08-15T23:00:00Z', 'Mars/Olympus')).toEqual(bounds('day', '2026-08-15T23:00:00Z'));
  });

  it('follows a month in one zone while another zone is asked in between', () => {
    const windowAt = createWindows();
    const now = Date.parse('2026-08-31T23:00:00Z');
    const berlin = windowAt('month', now, 'Europe/Berlin');
    expect(windowAt('month', now, 'UTC').endsAt).toBe(Date.parse('2026-09-01T00:00:00Z'));
    expect(windowAt('month', now, 'Europe/Berlin')).toEqual(berlin);
    expect(windowAt('month', berlin.startsAt - 1, 'Europe/Berlin').endsAt).toBe(berlin.startsAt);
    expect(windowAt('month', berlin.endsAt, 'Europe/Berlin').startsAt).toBe(berlin.endsAt);
  });

  it('leaves no gap and no overlap, in any zone and at any time from 1990 to 2040', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2040, 0) }),
        fc.constantFrom<Window>('second', 'minute', 'hour', 'day', 'month'),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (zone, now, window, share) => {
          const windowAt = createWindows();
          const { startsAt, endsAt } = windowAt(window, now, zone);
          expect(startsAt).toBeLessThanOrEqual(now);
          expect(endsAt).toBeGreaterThan(now);
          const inside = startsAt + Math.floor(share * (endsAt - startsAt));
          expect(createWindows()(window, inside, zone)).toEqual({ startsAt, endsAt });
          expect(windowAt(window, endsAt, zone).startsAt).toBe(endsAt);
          expect(windowAt(window, startsAt - 1, zone).endsAt).toBe(startsAt);
        },
      ),
      { numRuns: 400, seed: 20260815 },
    );
  });
});
