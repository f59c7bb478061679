/**
 * What a tenant, or a part of it, may spend in a calendar month (UTC). Amounts are minor units of the tenant's currency;
 * quantities are billable invocations.
 */
export interface Budget {
  readonly id: string;
  readonly tenant: string;
  readonly scope: BudgetScope;
  readonly period: 'month';
  readonly limit: BudgetLimit;
  readonly enforcement: Enforcement;
}

export type BudgetScope =
  | { readonly kind: 'tenant' }
  | { readonly kind: 'team'; readonly team: string }
  | { readonly kind: 'application'; readonly application: string }
  | { readonly kind: 'tool'; readonly server: string; readonly tool: string };

export type BudgetLimit =
  | { readonly kind: 'amount'; readonly minor: bigint; readonly currency: string }
  | { readonly kind: 'quantity'; readonly quantity: bigint };

/**
 * `enabled`: notices, and at 100 % the gateway refuses what the budget is about. `warn_only`: notices. `disabled`: shown
 * in reports, and nothing else.
 */
export type Enforcement = 'enabled' | 'warn_only' | 'disabled';

export const enforcements = ['enabled', 'warn_only', 'disabled'] as const satisfies readonly Enforcement[];

/** Per cent of the limit at which a notice goes out, once per month and limit. */
export const budgetThresholds = [50, 80, 95, 100] as const;

export type BudgetThreshold = (typeof budgetThresholds)[number];

/** What one application of a tenant has used of one tool since the month began, as it would be billed now. */
export interface Spending {
  readonly application: string;
  /** Empty where no allocation rule names a team. */
  readonly team: string;
  readonly server: string;
  readonly tool: string;
  /** Billable invocations; of a tool without a price, those with outcome `ok`. */
  readonly quantity: bigint;
  /** This row's share of the tool's statement line, in minor units; parts of a unit are lost downwards. */
  readonly amountMinor: bigint;
}

export const limitValue = (limit: BudgetLimit): bigint => (limit.kind === 'amount' ? limit.minor : limit.quantity);

/** `team support`, `tool orders/search_orders`: for sentences. */
export const describeScope = ({ tenant, scope }: Pick<Budget, 'tenant' | 'scope'>): string => {
  switch (scope.kind) {
    case 'tenant':
      return `tenant ${tenant}`;
    case 'team':
      return `team ${scope.team} of ${tenant}`;
    case 'application':
      return `application ${scope.application} of ${tenant}`;
    case 'tool':
      return `tool ${scope.server}/${scope.tool} for ${tenant}`;
  }
};
