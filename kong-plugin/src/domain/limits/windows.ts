import { DateTime } from 'luxon';
import { LruMap } from '../policies/lru-map.ts';
import type { Window } from './limit-rule.ts';

/** Milliseconds since the epoch, half-open: `startsAt` belongs to the window, `endsAt` to the next one. */
export interface WindowBounds {
  readonly startsAt: number;
  readonly endsAt: number;
}

export type WindowAt = (window: Window, now: number, timeZone: string) => WindowBounds;

const fixedLength: Readonly<Record<'second' | 'minute' | 'hour', number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
};

/** Two windows a zone; there are fewer than 600 zones, and a gateway serves tenants in a few of them. */
const MAX_REMEMBERED = 1_024;

/**
 * The calendar window that holds a moment. Seconds, minutes and hours are those of UTC; days and months begin at the first
 * moment of their date in the tenant's zone, so that a day has 23 or 25 hours when clocks change. Calendar arithmetic is
 * slow (30 us); a window is therefore computed once and remembered while it lasts.
 */
export const createWindows = (): WindowAt => {
  const current = new LruMap<string, WindowBounds>(MAX_REMEMBERED);
  return (window, now, timeZone) => {
    if (window !== 'day' && window !== 'month') return fixedWindow(fixedLength[window], now);
    const key = `${window} ${timeZone}`;
    const known = current.get(key);
    if (known !== undefined && known.startsAt <= now && now < known.endsAt) return known;
    const bounds = calendarWindow(window, now, timeZone);
    current.set(key, bounds);
    return bounds;
  };
};

const fixedWindow = (length: number, now: number): WindowBounds => {
  const startsAt = Math.floor(now / length) * length;
  return { startsAt, endsAt: startsAt + length };
};

const calendarWindow = (unit: 'day' | 'month', now: number, timeZone: string): WindowBounds => {
  const inZone = DateTime.fromMillis(now, { zone: timeZone });
  // The snapshot's reader refuses unknown zones; a runtime without a zone's data must count all the same.
  const local = inZone.isValid ? inZone : DateTime.fromMillis(now, { zone: 'utc' });
  return { startsAt: firstMoment(local, unit), endsAt: firstMoment(nextDate(local, unit), unit) };
};

/** From the middle of a day, where no zone changes its clocks, so that no date is skipped or met twice. */
const nextDate = (local: DateTime, unit: 'day' | 'month'): DateTime =>
  unit === 'day' ? atNoon(local).plus({ days: 1 }) : atNoon(local.set({ day: 1 })).plus({ months: 1 });

const atNoon = (local: DateTime): DateTime => local.set({ hour: 12, minute: 0, second: 0, millisecond: 0 });

/** Where clocks go back over midnight it comes twice, and the date begins with the first. */
const firstMoment = (local: DateTime, unit: 'day' | 'month'): number => {
  const start = atNoon(local).startOf(unit);
  return Math.min(...start.getPossibleOffsets().map((possible) => possible.toMillis()));
};
