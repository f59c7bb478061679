import type { Knex } from 'knex';
import { forecastUsage } from '../domain/usage/forecast-usage.ts';
import type { Period } from '../domain/calendar/period.ts';
import type { Issue } from '../domain/issue.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { buildStatement } from '../domain/statements/build-statement.ts';
import type { StatementInput } from '../domain/statements/statement-input.ts';
import type { Statement } from '../domain/statements/statement.ts';
import { loadInput } from '../statements/preview-statement.ts';

/** What a tenant's period would cost if it ended now. Nothing is stored: the statement is made at its close. */
export interface Accrual {
  /** The period so far. */
  readonly statement: Statement;
  /** The same without today. */
  readonly untilToday: Statement;
  /** The whole period, if every tool goes on as it did so far. Absent in the first hour of a month. */
  readonly forecast?: Statement;
  /** Any call at all, charged or not. */
  readonly hasUsage: boolean;
}

export interface AccrueQuery {
  readonly tenant: string;
  readonly period: Period;
  readonly now: number;
}

/** One reading of the daily usage, rated up to now, up to yesterday, and as it is expected to end. */
export const accrueTenant = async (
  database: Knex,
  { tenant, period, now }: AccrueQuery,
): Promise<Result<Accrual, readonly Issue[]>> => {
  const input = await loadInput(database, { tenant, period });
  if (input === undefined) return failure([{ path: 'tenant', problem: `There is no tenant ${tenant}.` }]);
  return rateThrice(input, now);
};

const rateThrice = (input: StatementInput, now: number): Result<Accrual, readonly Issue[]> => {
  const { usage, period } = input;
  const statement = buildStatement(input);
  if (!statement.ok) return statement;
  const today = new Date(now).toISOString().slice(0, 10);
  const untilToday = buildStatement({ ...input, usage: usage.filter(({ day }) => day < today) });
  if (!untilToday.ok) return untilToday;
  const expected = forecastUsage(usage, { period, now });
  const forecast = expected === undefined ? undefined : buildStatement({ ...input, usage: expected });
  if (forecast?.ok === false) return forecast;
  return success({
    ...{ statement: statement.value, untilToday: untilToday.value, hasUsage: usage.length > 0 },
    ...(forecast === undefined ? {} : { forecast: forecast.value }),
  });
};
