import { isDay } from '../domain/calendar/day.ts';
import { monthName, monthOf, parseMonth, type Period } from '../domain/calendar/period.ts';
import { describeIssue } from '../domain/issue.ts';
import { success, type Result } from '../domain/result.ts';
import { findTenant, unknownTenant } from '../http/tenants.ts';
import type { Database } from '../database/open-database.ts';
import { misused, refused, type CliFailure } from './failure.ts';
import type { Io } from './io.ts';

/** Who did it, for the rows that say so. */
export const actorOf = ({ environment }: Io): string =>
  `cli:${environment['BILLING_ACTOR'] ?? environment['USER'] ?? environment['LOGNAME'] ?? 'unknown'}`;

/** `2026-11` as a period; without a text the month that `now` is in. */
export const readMonth = (text: string | undefined, now: number): Result<Period, CliFailure> => {
  if (text === undefined) return success(monthOf(today(now)));
  const month = parseMonth(text);
  return month.ok ? month : misused(describeIssue(month.error));
};

/** The month before this one, which is the one that is closed. */
export const lastMonth = (now: number): string => monthName(monthOf(dayBefore(monthOf(today(now)).start)));

export const readDay = (text: string, name: string): Result<string, CliFailure> =>
  isDay(text) ? success(text) : misused(`${name} is a day such as 2026-11-01, and ${JSON.stringify(text)} is none`);

export const today = (now: number): string => new Date(now).toISOString().slice(0, 10);

const dayBefore = (day: string): string => new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);

/** A tenant that has a record, or the sentence that names the one that was meant. */
export const readTenant = async (
  database: Database,
  id: string,
): Promise<Result<{ readonly id: string; readonly name: string; readonly currency: string }, CliFailure>> => {
  const tenant = await findTenant(database, id);
  return tenant === undefined ? refused(await unknownTenant(database, id)) : success(tenant);
};
