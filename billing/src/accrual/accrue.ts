import type { Knex } from 'knex';
import { createAllocationBook, type AllocationBook } from '../domain/allocation/allocation-book.ts';
import type { Period } from '../domain/calendar/period.ts';
import { forecastUsage } from '../domain/usage/forecast-usage.ts';
import { createPriceList } from '../domain/pricing/price-list.ts';
import type { Issue } from '../domain/issue.ts';
import { success, type Result } from '../domain/result.ts';
import { buildStatement } from '../domain/statements/build-statement.ts';
import type { StatementInput } from '../domain/statements/statement-input.ts';
import type { Statement } from '../domain/statements/statement.ts';
import type { UsageRow } from '../domain/usage/usage-row.ts';
import { loadAllocationRules } from '../price-book/allocation-store.ts';
import { loadPools, loadPriceVersions } from '../price-book/price-store.ts';
import type { StoredTenant } from '../price-book/tenant-store.ts';
import { listAdjustments } from '../statements/adjustment-store.ts';
import { loadDailyUsage } from '../statements/load-usage.ts';
import type { Rates } from '../statements/rate-statements.ts';

/** What a tenant's period would cost if it ended now. Nothing is stored: the statement is made at its close. */
export interface Accrual {
  /** The period so far. */
  readonly statement: Statement;
  /** The same without today. */
  readonly untilToday: Statement;
  /** The whole period, if every tool goes on as it did so far. Absent in the first hour of a month. */
  readonly forecast?: Statement;
  readonly usage: readonly UsageRow[];
  readonly book: AllocationBook;
}

export interface AccrueOptions {
  readonly period: Period;
  readonly now: number;
}

/** Rates of one tenant: its own and those of every tenant. */
export const loadTenantRates = async (database: Knex, tenant: string): Promise<Rates> => ({
  versions: await loadPriceVersions(database, { tenant }),
  pools: await loadPools(database, tenant),
  rules: await loadAllocationRules(database, tenant),
});

export const accrueTenant = async (
  database: Knex,
  tenant: StoredTenant,
  options: AccrueOptions & { readonly rates?: Rates },
): Promise<Result<Accrual, readonly Issue[]>> => {
  const { period, now } = options;
  const rates = options.rates ?? (await loadTenantRates(database, tenant.id));
  const [usage, adjustments] = await Promise.all([
    loadDailyUsage(database, { tenant: tenant.id, period }),
    listAdjustments(database, { tenants: [tenant.id], settlement: 'next_statement', isPending: true }),
  ]);
  const allocationRules = rates.rules.filter((rule) => rule.tenant === tenant.id);
  const input: StatementInput = {
    ...{ tenant, period, revision: 1, usage, adjustments, pools: rates.pools, allocationRules },
    prices: createPriceList(rates.versions),
  };
  return rateThrice(input, now, createAllocationBook(allocationRules));
};

const rateThrice = (input: StatementInput, now: number, book: AllocationBook): Result<Accrual, readonly Issue[]> => {
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
    ...{ statement: statement.value, untilToday: untilToday.value, usage, book },
    ...(forecast === undefined ? {} : { forecast: forecast.value }),
  });
};
