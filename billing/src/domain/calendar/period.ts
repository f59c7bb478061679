import type { Issue } from '../issue.ts';
import { failure, success, type Result } from '../result.ts';
import { addDays, type Day } from './day.ts';

/** Half-open, in UTC: `start` is in it, `end` is not. */
export interface Period {
  readonly start: Day;
  readonly end: Day;
}

/** `2026-03` as a period. */
export const parseMonth = (text: string, path = ''): Result<Period, Issue> => {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  if (match === null)
    return failure({
      path,
      problem: `${JSON.stringify(text.slice(0, 40))} is not a month.`,
      suggestion: 'Write it as 2026-03.',
    });
  return success(monthOf(`${text}-01`));
};

/** The calendar month that the day is in. */
export const monthOf = (day: Day): Period => {
  const start = `${day.slice(0, 7)}-01`;
  return { start, end: `${addDays(start, 31).slice(0, 7)}-01` };
};

export const monthName = ({ start }: Period): string => start.slice(0, 7);

export const lastDayOf = ({ end }: Period): Day => addDays(end, -1);

export const isWithin = (day: Day, { start, end }: Period): boolean => day >= start && day < end;
