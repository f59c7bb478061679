/** A UTC day, `YYYY-MM-DD`. Texts of this form sort by time, so days compare with `<`. */
export type Day = string;

const MILLISECONDS_PER_DAY = 86_400_000;

/** True for a day that the calendar has: not 2026-02-30. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(Date.parse(text)).toISOString().startsWith(text);

export const addDays = (day: Day, count: number): Day =>
  new Date(Date.parse(day) + count * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);

export const daysBetween = (from: Day, to: Day): number => (Date.parse(to) - Date.parse(from)) / MILLISECONDS_PER_DAY;

export const earlier = (left: Day, right: Day): Day => (left < right ? left : right);

export const later = (left: Day, right: Day): Day => (left > right ? left : right);
