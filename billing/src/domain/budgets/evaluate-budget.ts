import {
  budgetThresholds,
  limitValue,
  type Budget,
  type BudgetScope,
  type BudgetThreshold,
  type Spending,
} from './budget.ts';

export interface BudgetStatus {
  readonly budget: Budget;
  /** In the limit's own unit. */
  readonly spent: bigint;
  /** Whole per cent of the limit, downwards: 100 only when all of it is used. Undefined for a limit of 0. */
  readonly percent?: bigint;
  readonly reached: readonly BudgetThreshold[];
  /** Nothing is left: with `enforcement: enabled` the gateway refuses from here on. */
  readonly isExhausted: boolean;
}

/** Compares exactly: 7,999 of 10,000 has not reached 80 %. A limit of 0 is exhausted from the start. */
export const evaluateBudget = (budget: Budget, spending: readonly Spending[]): BudgetStatus => {
  const spent = spentOf(budget, spending);
  const limit = limitValue(budget.limit);
  const reached = budgetThresholds.filter((threshold) => spent * 100n >= limit * BigInt(threshold));
  return {
    budget,
    spent,
    ...(limit === 0n ? {} : { percent: spent <= 0n ? 0n : (spent * 100n) / limit }),
    reached,
    isExhausted: spent >= limit,
  };
};

const spentOf = ({ scope, limit }: Budget, spending: readonly Spending[]): bigint =>
  spending
    .filter((row) => concerns(scope, row))
    .reduce((sum, { amountMinor, quantity }) => sum + (limit.kind === 'amount' ? amountMinor : quantity), 0n);

const concerns = (scope: BudgetScope, row: Spending): boolean => {
  switch (scope.kind) {
    case 'tenant':
      return true;
    case 'team':
      return row.team === scope.team;
    case 'application':
      return row.application === scope.application;
    case 'tool':
      return row.server === scope.server && row.tool === scope.tool;
  }
};
