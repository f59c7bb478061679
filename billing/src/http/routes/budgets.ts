import { createRoute, z } from '@hono/zod-openapi';
import { enforcements, type Budget } from '../../domain/budgets/budget.ts';
import { monthOf } from '../../domain/calendar/period.ts';
import { toMoneyJson } from '../../domain/money/money.ts';
import { deleteBudget, listBudgets, putBudget, type StoredBudget } from '../../budgets/budget-store.ts';
import { currentEnforcement } from '../../budgets/enforcement.ts';
import type { Api } from '../create-api.ts';
import { chooseTenant, governed, maySee } from '../governed.ts';
import { problem, problemResponses } from '../problem.ts';
import { answers, moment, money, name, oneOf, quantity, strict } from '../schemas.ts';
import { findTenant, unknownTenant } from '../tenants.ts';

/** Names that also stand in a gateway's limits, where `*` would be a pattern. */
const scopeName = (what: string) =>
  name(what).regex(/^[^*\p{Cc}]+$/u, { error: 'holds a * or a control character. Write the name itself.' });

const scope = z
  .discriminatedUnion(
    'kind',
    [
      strict({ kind: z.literal('tenant') }),
      strict({ kind: z.literal('team'), team: scopeName('the team') }),
      strict({ kind: z.literal('application'), application: scopeName('the application') }),
      strict({ kind: z.literal('tool'), server: scopeName('the server'), tool: scopeName('the tool') }),
    ],
    { error: 'is no scope. Its kind is tenant, team, application or tool.' },
  )
  .openapi('BudgetScope');

const minorText = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'is not an amount. Write minor units in digits: "10000" is 100.00 EUR.' })
  .openapi({ example: '10000' });

const budgetId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, {
    error: 'is not an id. Use up to 64 small letters, digits, dots, dashes and underscores.',
  })
  .openapi({ example: 'acme-month' });

const newBudget = strict({
  tenant: name('the tenant'),
  scope,
  limit: z
    .discriminatedUnion('kind', [
      strict({ kind: z.literal('amount'), minor: minorText }),
      strict({ kind: z.literal('quantity'), quantity: z.int().min(0) }),
    ])
    .openapi({ description: "An amount is in the tenant's currency." }),
  enforcement: oneOf(enforcements).openapi({
    description:
      '`enabled`: notices, and at 100 % the gateway refuses. `warn_only`: notices. `disabled`: reports only.',
  }),
}).openapi('NewBudget');

const budgetSchema = z
  .object({
    id: budgetId,
    tenant: z.string(),
    scope,
    period: z.literal('month'),
    limit: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('amount'), amount: money }),
      z.object({ kind: z.literal('quantity'), quantity }),
    ]),
    enforcement: oneOf(enforcements),
    updatedAt: moment,
    updatedBy: z.string(),
    state: z
      .object({
        spent: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('amount'), amount: money }),
          z.object({ kind: z.literal('quantity'), quantity }),
        ]),
        percent: z.int().optional().openapi({ description: 'Whole per cent, downwards. Absent for a limit of 0.' }),
        isExhausted: z.boolean(),
        evaluatedAt: moment,
      })
      .optional()
      .openapi({ description: 'This month so far. Absent until it was compared, a few seconds after a change.' }),
  })
  .openapi('Budget');

const readers = { roles: ['usage', 'finance'], reach: 'tenant' } as const;
const writers = { roles: ['finance'], reach: 'tenant' } as const;

const listRoute = createRoute({
  method: 'get',
  path: '/v1/budgets',
  summary: 'Budgets and how they stand this month',
  tags: ['budgets'],
  ...governed(readers),
  request: { query: strict({ tenant: name('a tenant').optional() }) },
  responses: {
    ...answers('Every budget of the tenant, or of all.', z.object({ items: z.array(budgetSchema) })),
    ...problemResponses,
  },
});

const putRoute = createRoute({
  method: 'put',
  path: '/v1/budgets/{id}',
  summary: 'Make or replace a budget',
  tags: ['budgets'],
  ...governed(writers),
  request: {
    params: z.object({ id: budgetId }),
    body: { required: true, content: { 'application/json': { schema: newBudget } } },
  },
  responses: { ...answers('The budget as it is kept.', budgetSchema), ...problemResponses },
});

const deleteRoute = createRoute({
  method: 'delete',
  path: '/v1/budgets/{id}',
  summary: 'Delete a budget',
  tags: ['budgets'],
  ...governed(writers),
  request: { params: z.object({ id: budgetId }) },
  responses: { 204: { description: 'It is gone, and refuses nothing any more.' }, ...problemResponses },
});

const names = z.array(z.string()).readonly();

const gatewayLimit = z
  .object({
    id: z.string(),
    window: z.literal('month'),
    limit: z.literal(0),
    per: names,
    callers: z.object({ tenants: names, applications: names.optional(), tags: names.optional() }),
    servers: names.optional(),
    tools: names.optional(),
  })
  .openapi('GatewayLimit');

const enforcementRoute = createRoute({
  method: 'get',
  path: '/v1/budgets/enforcement',
  summary: 'What the gateway should refuse because a budget is used up',
  description:
    "Add `limits` to the policy document's `limits`. The revision changes when they do; it is also the ETag.",
  tags: ['budgets'],
  ...governed(readers),
  request: { query: strict({ tenant: name('a tenant').optional() }) },
  responses: {
    ...answers(
      'Exhausted budgets with enforcement enabled.',
      z.object({
        revision: z.string(),
        exhausted: z.array(z.object({ budget: z.string(), tenant: z.string(), scope: z.string() })).readonly(),
        limits: z.array(gatewayLimit).readonly(),
      }),
    ),
    ...problemResponses,
  },
});

export const registerBudgets = (app: Api): void => {
  app.openapi(listRoute, async (context) => {
    const { api, access } = context.var;
    const choice = chooseTenant(access, context.req.valid('query').tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    const stored = await listBudgets(api.database, { periodStart: thisMonth(api.now()), ...tenantOf(choice) });
    return context.json({ items: stored.map(presentBudget) }, 200);
  });

  app.openapi(enforcementRoute, async (context) => {
    const { api, access } = context.var;
    const choice = chooseTenant(access, context.req.valid('query').tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    const enforcement = await currentEnforcement(api.database, { now: api.now(), ...tenantOf(choice) });
    context.header('etag', `"${enforcement.revision}"`);
    return context.json(enforcement, 200);
  });

  app.openapi(putRoute, async (context) => {
    const { api, access } = context.var;
    const { id } = context.req.valid('param');
    const wanted = context.req.valid('json');
    const choice = chooseTenant(access, wanted.tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    const tenant = await findTenant(api.database, wanted.tenant);
    if (tenant === undefined)
      return problem(context, 'bad_request', await unknownTenant(api.database, wanted.tenant, access));
    const query = { id, periodStart: thisMonth(api.now()) };
    const [before] = await listBudgets(api.database, query);
    if (before !== undefined && before.budget.tenant !== wanted.tenant)
      return problem(context, 'conflict', `There is another budget ${id}. Choose another id.`);
    await putBudget(api.database, toBudget(id, { ...wanted, currency: tenant.currency }), access.tokenId);
    const [stored] = await listBudgets(api.database, query);
    if (stored === undefined) return problem(context, 'conflict', `Budget ${id} was deleted meanwhile.`);
    return context.json(presentBudget(stored), 200);
  });

  app.openapi(deleteRoute, async (context) => {
    const { api, access } = context.var;
    const { id } = context.req.valid('param');
    const [stored] = await listBudgets(api.database, { id, periodStart: thisMonth(api.now()) });
    if (stored === undefined || !maySee(access, stored.budget.tenant))
      return problem(context, 'not_found', `There is no budget ${id}.`);
    await deleteBudget(api.database, id);
    return context.body(null, 204);
  });
};

const tenantOf = ({ tenant }: { readonly tenant?: string }) => (tenant === undefined ? {} : { tenant });

const thisMonth = (now: number): string => monthOf(new Date(now).toISOString().slice(0, 10)).start;

const toBudget = (id: string, wanted: z.infer<typeof newBudget> & { readonly currency: string }): Budget => ({
  ...{ id, tenant: wanted.tenant, scope: wanted.scope, period: 'month', enforcement: wanted.enforcement },
  limit:
    wanted.limit.kind === 'amount'
      ? { kind: 'amount', minor: BigInt(wanted.limit.minor), currency: wanted.currency }
      : { kind: 'quantity', quantity: BigInt(wanted.limit.quantity) },
});

const presentBudget = ({ budget, updatedAt, updatedBy, state }: StoredBudget): z.infer<typeof budgetSchema> => {
  const { limit } = budget;
  const value = (units: bigint) =>
    limit.kind === 'amount'
      ? { kind: 'amount' as const, amount: toMoneyJson(units, limit.currency) }
      : { kind: 'quantity' as const, quantity: Number(units) };
  const most = limit.kind === 'amount' ? limit.minor : limit.quantity;
  return {
    ...{ id: budget.id, tenant: budget.tenant, scope: budget.scope, period: 'month', limit: value(most) },
    ...{ enforcement: budget.enforcement, updatedAt: updatedAt.toISOString(), updatedBy },
    ...(state === undefined
      ? {}
      : {
          state: {
            spent: value(state.spent),
            ...(most === 0n ? {} : { percent: state.spent <= 0n ? 0 : Number((state.spent * 100n) / most) }),
            isExhausted: state.isExhausted,
            evaluatedAt: state.evaluatedAt.toISOString(),
          },
        }),
  };
};
