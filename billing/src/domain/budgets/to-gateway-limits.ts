import type { Budget } from './budget.ts';
import type { BudgetStatus } from './evaluate-budget.ts';

/** An entry of `limits` in the gateway's policy document (docs/policy.md). */
export interface GatewayLimit {
  readonly id: string;
  readonly window: 'month';
  readonly limit: 0;
  readonly per: readonly ['tenant'];
  readonly callers: {
    readonly tenants: readonly [string];
    readonly applications?: readonly [string];
    readonly tags?: readonly [string];
  };
  readonly servers?: readonly [string];
  readonly tools?: readonly [string];
}

/**
 * Exhausted budgets as limits of 0 units a month. A limit and not a rule that denies: the caller then reads that a quota is
 * used up and when it begins anew, instead of that there is no such tool; a take of 0 units touches no counter's sum.
 * A team is the tag `team:<name>` of the consumer, as a tenant is its tag `tenant:<name>`.
 */
export const toGatewayLimits = (statuses: readonly BudgetStatus[]): readonly GatewayLimit[] =>
  statuses
    .filter(({ budget, isExhausted }) => isExhausted && budget.enforcement === 'enabled')
    .map(({ budget }) => toGatewayLimit(budget))
    // One order, so that the same state is the same document and the same ETag.
    .sort((left, right) => (left.id < right.id ? -1 : 1));

const toGatewayLimit = ({ id, tenant, scope }: Budget): GatewayLimit => ({
  id: `budget-${id}`,
  window: 'month',
  limit: 0,
  per: ['tenant'],
  callers: {
    tenants: [tenant],
    ...(scope.kind === 'application' ? { applications: [scope.application] } : {}),
    ...(scope.kind === 'team' ? { tags: [`team:${scope.team}`] } : {}),
  },
  ...(scope.kind === 'tool' ? { servers: [scope.server], tools: [scope.tool] } : {}),
});
