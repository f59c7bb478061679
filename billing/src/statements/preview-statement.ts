import type { Knex } from 'knex';
import type { AllocationRule } from '../domain/allocation/allocation-rule.ts';
import type { Day } from '../domain/calendar/day.ts';
import type { Period } from '../domain/calendar/period.ts';
import type { Issue } from '../domain/issue.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { PriceList } from '../domain/pricing/price-list.ts';
import { buildStatement } from '../domain/statements/build-statement.ts';
import type { StatementInput } from '../domain/statements/statement-input.ts';
import type { Statement } from '../domain/statements/statement.ts';
import type { UsageRow } from '../domain/usage/usage-row.ts';
import { loadAllocationRules } from '../price-book/allocation-store.ts';
import { loadPools, loadPriceList } from '../price-book/price-store.ts';
import { findTenant } from '../price-book/tenant-store.ts';
import { listAdjustments } from './adjustment-store.ts';
import { loadDailyUsage } from './load-usage.ts';

export interface PreviewQuery {
  readonly tenant: string;
  readonly period: Period;
  /** Days after it are left out; all of the period without it. */
  readonly until?: Day;
}

/** A statement of what has been used so far, and what it was made of. Nothing is stored and nothing is final. */
export interface StatementPreview {
  readonly statement: Statement;
  readonly usage: readonly UsageRow[];
  readonly rules: readonly AllocationRule[];
  readonly prices: PriceList;
}

/** The statement that closing the period now would make of the tenant's usage, corrections that wait included. */
export const previewStatement = async (
  database: Knex,
  query: PreviewQuery,
): Promise<Result<StatementPreview, readonly Issue[]>> => {
  const input = await loadInput(database, query);
  if (input === undefined)
    return failure([
      {
        path: 'tenant',
        problem: `There is no tenant ${query.tenant}.`,
        suggestion: 'Import it with the price document.',
      },
    ]);
  const statement = buildStatement(input);
  return statement.ok
    ? success({ statement: statement.value, usage: input.usage, rules: input.allocationRules, prices: input.prices })
    : statement;
};

/** What a statement is built from, read from the tables of now. Undefined for an unknown tenant. */
export const loadInput = async (
  database: Knex,
  { tenant: id, period, until }: PreviewQuery,
): Promise<StatementInput | undefined> => {
  const tenant = await findTenant(database, id);
  if (tenant === undefined) return undefined;
  const usage = await loadDailyUsage(database, { tenant: id, period });
  return {
    tenant,
    period,
    revision: 1,
    usage: until === undefined ? usage : usage.filter(({ day }) => day <= until),
    prices: await loadPriceList(database, { tenant: id }),
    pools: await loadPools(database, id),
    allocationRules: await loadAllocationRules(database, id),
    adjustments: await listAdjustments(database, { tenants: [id], settlement: 'next_statement', isPending: true }),
  };
};
