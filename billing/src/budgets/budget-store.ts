import type { Knex } from 'knex';
import type { Budget, BudgetLimit, BudgetScope } from '../domain/budgets/budget.ts';
import type { Database } from '../database/open-database.ts';

/** A budget and how it stood when it was last compared in the period asked for. */
export interface StoredBudget {
  readonly budget: Budget;
  readonly updatedAt: Date;
  readonly updatedBy: string;
  readonly state?: BudgetState;
}

export interface BudgetState {
  /** In the limit's own unit. */
  readonly spent: bigint;
  readonly isExhausted: boolean;
  readonly evaluatedAt: Date;
}

interface BudgetRow {
  readonly id: string;
  readonly tenant: string;
  readonly scope: BudgetScope['kind'];
  readonly team: string | null;
  readonly application: string | null;
  readonly server: string | null;
  readonly tool: string | null;
  readonly limit_kind: BudgetLimit['kind'];
  readonly limit_value: bigint;
  readonly currency: string | null;
  readonly enforcement: Budget['enforcement'];
  readonly updated_at: Date;
  readonly updated_by: string;
}

interface StateColumns {
  readonly spent: bigint | null;
  readonly is_exhausted: boolean | null;
  readonly evaluated_at: Date | null;
}

export interface BudgetQuery {
  readonly tenant?: string;
  readonly id?: string;
  /** First day of the month whose state is wanted. */
  readonly periodStart: string;
}

export const listBudgets = async (
  database: Database,
  { tenant, id, periodStart }: BudgetQuery,
): Promise<readonly StoredBudget[]> => {
  const rows = await database('billing.budget as budget')
    .leftJoin('billing.budget_state as state', (join) => {
      join.on('state.budget_id', 'budget.id').andOnVal('state.period_start', periodStart);
    })
    .where({ ...(tenant === undefined ? {} : { tenant }), ...(id === undefined ? {} : { id }) })
    .orderBy('id')
    .select<readonly (BudgetRow & StateColumns)[]>(
      'budget.*',
      'state.spent',
      'state.is_exhausted',
      'state.evaluated_at',
    );
  return rows.map(toStoredBudget);
};

/** Makes it or replaces it. Its state goes with a new limit or scope, because it is of the one before. */
export const putBudget = async (database: Database, budget: Budget, updatedBy: string): Promise<void> => {
  const row = { ...toRow(budget), updated_by: updatedBy };
  await database.transaction(async (transaction) => {
    await transaction('billing.budget')
      .insert(row)
      .onConflict('id')
      .merge({ ...row, updated_at: transaction.fn.now() });
    await transaction('billing.budget_state').where({ budget_id: budget.id }).delete();
  });
};

/** False when there was none. */
export const deleteBudget = async (database: Database, id: string): Promise<boolean> =>
  (await database('billing.budget').where({ id }).delete()) > 0;

export interface EvaluatedState extends Omit<BudgetState, 'evaluatedAt'> {
  readonly budgetId: string;
  readonly periodStart: string;
}

export const saveStates = async (
  database: Knex,
  states: readonly EvaluatedState[],
  evaluatedAt: Date,
): Promise<void> => {
  if (states.length === 0) return;
  await database('billing.budget_state')
    .insert(
      states.map((state) => ({
        ...{ budget_id: state.budgetId, period_start: state.periodStart, spent: state.spent.toString() },
        ...{ is_exhausted: state.isExhausted, evaluated_at: evaluatedAt },
      })),
    )
    .onConflict('budget_id')
    .merge();
};

const toRow = ({ id, tenant, scope, limit, enforcement }: Budget) => ({
  id,
  tenant,
  scope: scope.kind,
  team: scope.kind === 'team' ? scope.team : null,
  application: scope.kind === 'application' ? scope.application : null,
  server: scope.kind === 'tool' ? scope.server : null,
  tool: scope.kind === 'tool' ? scope.tool : null,
  limit_kind: limit.kind,
  limit_value: (limit.kind === 'amount' ? limit.minor : limit.quantity).toString(),
  currency: limit.kind === 'amount' ? limit.currency : null,
  enforcement,
});

const toStoredBudget = (row: BudgetRow & StateColumns): StoredBudget => ({
  budget: {
    ...{ id: row.id, tenant: row.tenant, scope: toScope(row), period: 'month', enforcement: row.enforcement },
    limit:
      row.limit_kind === 'amount'
        ? { kind: 'amount', minor: row.limit_value, currency: row.currency ?? '' }
        : { kind: 'quantity', quantity: row.limit_value },
  },
  updatedAt: row.updated_at,
  updatedBy: row.updated_by,
  ...(row.spent === null || row.is_exhausted === null || row.evaluated_at === null
    ? {}
    : { state: { spent: row.spent, isExhausted: row.is_exhausted, evaluatedAt: row.evaluated_at } }),
});

/** The table's check says which names each scope has. */
const toScope = ({ scope, team, application, server, tool }: BudgetRow): BudgetScope => {
  switch (scope) {
    case 'tenant':
      return { kind: scope };
    case 'team':
      return { kind: scope, team: team ?? '' };
    case 'application':
      return { kind: scope, application: application ?? '' };
    case 'tool':
      return { kind: scope, server: server ?? '', tool: tool ?? '' };
  }
};
