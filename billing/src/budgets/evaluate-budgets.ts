import type { Knex } from 'knex';
import type { Database } from '../database/open-database.ts';
import { monthOf, type Period } from '../domain/calendar/period.ts';
import { toBudgetNotice } from '../domain/budgets/budget-notice.ts';
import { limitValue, type Spending } from '../domain/budgets/budget.ts';
import { evaluateBudget, type BudgetStatus } from '../domain/budgets/evaluate-budget.ts';
import { listBudgets, saveStates } from './budget-store.ts';

/** What a tenant has used in a period so far, rated as it would be billed now. */
export type SpendingOf = (tenant: string, period: Period) => Promise<readonly Spending[]>;

export interface EvaluateOptions {
  readonly database: Database;
  readonly spendingOf: SpendingOf;
  readonly now: number;
  /** Writes in one transaction; a worker's is fenced. */
  readonly write?: <Value>(write: (transaction: Knex) => Promise<Value>) => Promise<Value>;
  /** Only this tenant's. */
  readonly tenant?: string;
}

/** Compares every budget with the month so far, keeps how it stands, and makes a notice of each threshold reached anew. */
export const evaluateBudgets = async (options: EvaluateOptions): Promise<readonly BudgetStatus[]> => {
  const { database, spendingOf, now, tenant } = options;
  const period = monthOf(new Date(now).toISOString().slice(0, 10));
  const stored = await listBudgets(database, {
    periodStart: period.start,
    ...(tenant === undefined ? {} : { tenant }),
  });
  const statuses: BudgetStatus[] = [];
  const spendings = new Map<string, readonly Spending[]>();
  for (const { budget } of stored) {
    const spending = spendings.get(budget.tenant) ?? (await spendingOf(budget.tenant, period));
    spendings.set(budget.tenant, spending);
    statuses.push(evaluateBudget(budget, spending));
  }
  const write = options.write ?? ((inside) => database.transaction(inside));
  await write((transaction) => save(transaction, statuses, { periodStart: period.start, now }));
  return statuses;
};

interface Moment {
  readonly periodStart: string;
  readonly now: number;
}

const save = async (
  transaction: Knex,
  statuses: readonly BudgetStatus[],
  { periodStart, now }: Moment,
): Promise<void> => {
  // A budget that was deleted meanwhile takes neither state nor notice; its row stays locked until both are written.
  const kept = await transaction('billing.budget')
    .whereIn(
      'id',
      statuses.map(({ budget }) => budget.id),
    )
    .forShare()
    .pluck<string[]>('id');
  const current = statuses.filter(({ budget }) => kept.includes(budget.id));
  const states = current.map(({ budget, spent, isExhausted }) => ({
    ...{ budgetId: budget.id, periodStart, spent, isExhausted },
  }));
  await saveStates(transaction, states, new Date(now));
  const notices = current.flatMap((status) => noticesOf(status, periodStart));
  // The key is the budget, month, limit and threshold: what was said once is not said again.
  if (notices.length > 0) await transaction('billing.budget_notice').insert(notices).onConflict().ignore();
};

const noticesOf = ({ budget, reached, spent }: BudgetStatus, periodStart: string) =>
  budget.enforcement === 'disabled'
    ? []
    : reached.map((threshold) => ({
        ...{ budget_id: budget.id, period_start: periodStart, limit_value: limitValue(budget.limit).toString() },
        ...{ threshold, spent: spent.toString() },
        payload: JSON.stringify(toBudgetNotice(budget, { periodStart, threshold, spent })),
      }));
