import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Budget, BudgetScope, Spending } from './budget.ts';
import { evaluateBudget } from './evaluate-budget.ts';
import { toGatewayLimits } from './to-gateway-limits.ts';

const spending: readonly Spending[] = [
  {
    application: 'helpdesk',
    team: 'support',
    server: 'orders',
    tool: 'search_orders',
    quantity: 700n,
    amountMinor: 350n,
  },
  {
    application: 'billing',
    team: 'finance',
    server: 'orders',
    tool: 'search_orders',
    quantity: 200n,
    amountMinor: 100n,
  },
  {
    application: 'billing',
    team: 'finance',
    server: 'orders',
    tool: 'create_invoice',
    quantity: 5n,
    amountMinor: 1000n,
  },
];

const budget = (scope: BudgetScope, more: Partial<Budget> = {}): Budget => ({
  id: 'b1',
  tenant: 'acme',
  scope,
  period: 'month',
  limit: { kind: 'amount', minor: 10_000n, currency: 'eur' },
  enforcement: 'enabled',
  ...more,
});

describe('evaluateBudget', () => {
  it.each<[BudgetScope, bigint, bigint]>([
    [{ kind: 'tenant' }, 1450n, 905n],
    [{ kind: 'team', team: 'support' }, 350n, 700n],
    [{ kind: 'team', team: 'nobody' }, 0n, 0n],
    [{ kind: 'application', application: 'billing' }, 1100n, 205n],
    [{ kind: 'tool', server: 'orders', tool: 'search_orders' }, 450n, 900n],
    [{ kind: 'tool', server: 'crm', tool: 'search_orders' }, 0n, 0n],
  ])('sums what concerns %j: %d minor units and %d calls', (scope, minor, quantity) => {
    expect(evaluateBudget(budget(scope), spending).spent).toBe(minor);
    const counted = budget(scope, { limit: { kind: 'quantity', quantity: 10n } });
    expect(evaluateBudget(counted, spending).spent).toBe(quantity);
  });

  it.each([
    [0n, [], 0n],
    [4_999n, [], 49n],
    [5_000n, [50], 50n],
    [7_999n, [50], 79n],
    [8_000n, [50, 80], 80n],
    [9_499n, [50, 80], 94n],
    [9_500n, [50, 80, 95], 95n],
    [9_999n, [50, 80, 95], 99n],
    [10_000n, [50, 80, 95, 100], 100n],
    [25_000n, [50, 80, 95, 100], 250n],
  ])('%d of 10000 has reached %j', (amountMinor, reached, percent) => {
    const status = evaluateBudget(budget({ kind: 'tenant' }), [{ ...spending[0], amountMinor } as Spending]);
    expect(status).toMatchObject({ reached, percent, isExhausted: amountMinor >= 10_000n });
  });

  it('a limit of 0 is exhausted from the start, and credits never count backwards', () => {
    const none = budget({ kind: 'tenant' }, { limit: { kind: 'quantity', quantity: 0n } });
    expect(evaluateBudget(none, [])).toMatchObject({ isExhausted: true, reached: [50, 80, 95, 100] });
    expect(evaluateBudget(none, [])).not.toHaveProperty('percent');
    const credited = [{ ...spending[0], amountMinor: -500n } as Spending];
    expect(evaluateBudget(budget({ kind: 'tenant' }), credited)).toMatchObject({ percent: 0n, reached: [] });
  });

  it('agrees with fractions on random numbers: a threshold is reached from its exact share on', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 15n), fc.bigInt(0n, 10n ** 15n), (minor, amountMinor) => {
        const limit = { kind: 'amount', minor, currency: 'eur' } as const;
        const { reached } = evaluateBudget(budget({ kind: 'tenant' }, { limit }), [
          { ...spending[0], amountMinor } as Spending,
        ]);
        for (const threshold of [50, 80, 95, 100] as const)
          expect(reached.includes(threshold)).toBe(amountMinor >= (minor * BigInt(threshold) + 99n) / 100n);
      }),
    );
  });
});

describe('toGatewayLimits', () => {
  const exhausted = (scope: BudgetScope, more: Partial<Budget> = {}) =>
    evaluateBudget(budget(scope, { limit: { kind: 'quantity', quantity: 0n }, ...more }), []);

  it('refuses exactly what the budget is about', () => {
    expect(
      toGatewayLimits([
        exhausted({ kind: 'tool', server: 'orders', tool: 'create_invoice' }, { id: 'd' }),
        exhausted({ kind: 'team', team: 'support' }, { id: 'c' }),
        exhausted({ kind: 'application', application: 'helpdesk' }, { id: 'b' }),
        exhausted({ kind: 'tenant' }, { id: 'a' }),
      ]),
    ).toEqual([
      { id: 'budget-a', window: 'month', limit: 0, per: ['tenant'], callers: { tenants: ['acme'] } },
      {
        ...{ id: 'budget-b', window: 'month', limit: 0, per: ['tenant'] },
        callers: { tenants: ['acme'], applications: ['helpdesk'] },
      },
      {
        ...{ id: 'budget-c', window: 'month', limit: 0, per: ['tenant'] },
        callers: { tenants: ['acme'], tags: ['team:support'] },
      },
      {
        ...{ id: 'budget-d', window: 'month', limit: 0, per: ['tenant'], callers: { tenants: ['acme'] } },
        ...{ servers: ['orders'], tools: ['create_invoice'] },
      },
    ]);
  });

  it('refuses nothing that has something left, that only warns, or that is disabled', () => {
    expect(
      toGatewayLimits([
        evaluateBudget(budget({ kind: 'tenant' }), spending),
        exhausted({ kind: 'tenant' }, { enforcement: 'warn_only' }),
        exhausted({ kind: 'tenant' }, { enforcement: 'disabled' }),
      ]),
    ).toEqual([]);
  });
});
