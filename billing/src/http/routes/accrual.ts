import { createRoute, z } from '@hono/zod-openapi';
import { accrueTenant, type Accrual } from '../../accrual/accrue.ts';
import { monthName, monthOf, parseMonth } from '../../domain/calendar/period.ts';
import { describeIssue } from '../../domain/issue.ts';
import { toMoneyJson } from '../../domain/money/money.ts';
import { toolTotals, type ToolTotal } from '../../domain/statements/tool-totals.ts';
import { listTenants, type StoredTenant } from '../../price-book/tenant-store.ts';
import type { Api } from '../create-api.ts';
import { chooseTenant, governed } from '../governed.ts';
import { problem, problemResponses } from '../problem.ts';
import { answers, money, month, name, quantity, strict } from '../schemas.ts';
import { unknownTenant } from '../tenants.ts';

const cost = z.object({ quantity, amount: money });

const toolAccrual = z
  .object({
    server: z.string(),
    tool: z.string(),
    quantity,
    freeQuantity: quantity,
    amount: money,
    today: cost.openapi({ description: 'What today (UTC) adds.' }),
    forecast: cost.optional().openapi({ description: 'The whole month if it goes on like this.' }),
  })
  .openapi('ToolAccrual');

const tenantAccrual = z
  .object({
    tenant: z.string(),
    currency: z.string(),
    total: money.openapi({ description: 'With minimums and corrections: what the statement would say now.' }),
    today: money,
    forecast: money.optional(),
    tools: z.array(toolAccrual),
    unpriced: z.array(z.object({ server: z.string(), tool: z.string(), quantity })),
  })
  .openapi('TenantAccrual');

const route = createRoute({
  method: 'get',
  path: '/v1/accrual',
  summary: 'What this month costs so far, per tenant and tool',
  description: 'Rated as the statement will be. Nothing is stored.',
  tags: ['costs'],
  ...governed({ roles: ['usage', 'finance'], reach: 'tenant' }),
  request: {
    query: strict({
      tenant: name('a tenant').optional(),
      month: month.optional().openapi({ description: 'This month when left out.' }),
    }),
  },
  responses: {
    ...answers(
      'A tenant each; those without usage are left out unless asked for.',
      z.object({ month, items: z.array(tenantAccrual) }),
    ),
    ...problemResponses,
  },
});

export const registerAccrual = (app: Api): void => {
  app.openapi(route, async (context) => {
    const { api, access } = context.var;
    const asked = context.req.valid('query');
    const choice = chooseTenant(access, asked.tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    const now = api.now();
    const parsed = asked.month === undefined ? undefined : parseMonth(asked.month);
    const period = parsed?.ok === true ? parsed.value : monthOf(new Date(now).toISOString().slice(0, 10));
    const all = await listTenants(api.database);
    const tenants = choice.tenant === undefined ? all : all.filter(({ id }) => id === choice.tenant);
    if (choice.tenant !== undefined && tenants.length === 0)
      return problem(context, 'not_found', await unknownTenant(api.database, choice.tenant, access));
    const items: z.infer<typeof tenantAccrual>[] = [];
    for (const tenant of tenants) {
      const accrued = await accrueTenant(api.database, { tenant: tenant.id, period, now });
      if (!accrued.ok)
        return problem(
          context,
          'conflict',
          `${tenant.id} cannot be rated: ${accrued.error.map(describeIssue).join('; ')}`,
        );
      if (choice.tenant !== undefined || accrued.value.hasUsage) items.push(present(tenant, accrued.value));
    }
    return context.json({ month: monthName(period), items }, 200);
  });
};

const present = (
  { id, currency }: StoredTenant,
  { statement, untilToday, forecast }: Accrual,
): z.infer<typeof tenantAccrual> => {
  const before = byTool(toolTotals(untilToday));
  const expected = forecast === undefined ? undefined : byTool(toolTotals(forecast));
  return {
    ...{ tenant: id, currency, total: toMoneyJson(statement.subtotalMinor, currency) },
    today: toMoneyJson(statement.subtotalMinor - untilToday.subtotalMinor, currency),
    ...(forecast === undefined ? {} : { forecast: toMoneyJson(forecast.subtotalMinor, currency) }),
    tools: toolTotals(statement).map((total) => {
      const [yesterday, later] = [before.get(keyOf(total)), expected?.get(keyOf(total))];
      return {
        ...{ server: total.server, tool: total.tool, freeQuantity: Number(total.freeQuantity) },
        ...toCost(total.quantity, total.amountMinor, currency),
        today: toCost(
          total.quantity - (yesterday?.quantity ?? 0n),
          total.amountMinor - (yesterday?.amountMinor ?? 0n),
          currency,
        ),
        ...(later === undefined ? {} : { forecast: toCost(later.quantity, later.amountMinor, currency) }),
      };
    }),
    unpriced: statement.unpriced.map((tool) => ({
      ...{ server: tool.server, tool: tool.tool },
      quantity: Number(tool.quantity),
    })),
  };
};

const keyOf = ({ server, tool }: ToolTotal): string => JSON.stringify([server, tool]);

const byTool = (totals: readonly ToolTotal[]): ReadonlyMap<string, ToolTotal> =>
  new Map(totals.map((total) => [keyOf(total), total]));

const toCost = (count: bigint, amountMinor: bigint, currency: string) => ({
  quantity: Number(count),
  amount: toMoneyJson(amountMinor, currency),
});
