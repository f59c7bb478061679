import { createRoute, z } from '@hono/zod-openapi';
import { isDay } from '../../domain/calendar/day.ts';
import { monthName, monthOf, parseMonth } from '../../domain/calendar/period.ts';
import { toMoneyJson } from '../../domain/money/money.ts';
import { describeModel } from '../../domain/pricing/describe-model.ts';
import type { PriceVersion } from '../../domain/pricing/price-version.ts';
import { listPrices, pricesInForce } from '../../price-book/price-store.ts';
import { findUnbillable } from '../../statements/tenants-to-close.ts';
import { reportUnpriced } from '../../statements/unpriced-report.ts';
import type { Api } from '../create-api.ts';
import { chooseTenant, governed } from '../governed.ts';
import { problem, problemResponses } from '../problem.ts';
import { optional } from '../present/statement.ts';
import { answers, day, moment, money, month, name, quantity, repeated, strict } from '../schemas.ts';
import { unknownTenant } from '../tenants.ts';

const tier = z.object({ upTo: z.int().optional(), unitAmount: z.string(), flatAmount: z.string().optional() });

const model = z
  .discriminatedUnion('model', [
    z.object({ model: z.literal('flat'), unitAmount: z.string() }),
    z.object({ model: z.literal('package'), size: z.int(), amount: z.string() }),
    z.object({ model: z.literal('graduated'), tiers: z.array(tier) }),
    z.object({ model: z.literal('volume'), tiers: z.array(tier) }),
  ])
  .openapi('PriceModel', { description: 'Amounts are texts in units that people use.' });

const versionSchema = z
  .object({
    id: z.string(),
    server: z.string(),
    tool: z.string().openapi({ description: '`*`: any tool of the server, each rated by itself.' }),
    tenant: z.string().optional().openapi({ description: 'Absent: the list price.' }),
    currency: z.string(),
    price: model,
    text: z.string().openapi({ description: 'For people.', example: '0.05 a call' }),
    freeUnits: quantity.optional(),
    pool: z.string().optional(),
    minimum: money.optional(),
    billableOutcomes: z.array(z.string()),
    effectiveFrom: day,
    effectiveTo: day.optional(),
    displayName: z.string().optional(),
  })
  .openapi('PriceVersion');

const readers = governed({ roles: ['usage', 'finance'], reach: 'tenant' });

const listRoute = createRoute({
  method: 'get',
  path: '/v1/prices',
  summary: 'Every price version, oldest first',
  tags: ['prices'],
  ...readers,
  request: { query: strict({ tenant: name('a tenant').optional(), server: name('a server').optional() }) },
  responses: {
    ...answers(
      "With a tenant: its own prices and the list's.",
      z.object({ items: z.array(versionSchema.extend({ createdAt: moment, createdBy: z.string() })) }),
    ),
    ...problemResponses,
  },
});

const inForceRoute = createRoute({
  method: 'get',
  path: '/v1/prices/in-force',
  summary: 'What tools cost a tenant on a day',
  tags: ['prices'],
  ...readers,
  request: {
    query: strict({
      tenant: name('a tenant').optional().openapi({ description: "The token's own when left out." }),
      server: name('the server'),
      tool: repeated(name('a tool'), { max: 500 }).openapi({ description: 'May be repeated.' }),
      day: day.optional().openapi({ description: 'Today (UTC) when left out.' }),
    }),
  },
  responses: {
    ...answers(
      'A price each; without one the tool is unpriced.',
      z.object({
        tenant: z.string(),
        day,
        items: z.array(z.object({ server: z.string(), tool: z.string(), price: versionSchema.optional() })),
      }),
    ),
    ...problemResponses,
  },
});

const unpricedRoute = createRoute({
  method: 'get',
  path: '/v1/unpriced',
  summary: 'Tools that were called and have no price',
  tags: ['prices'],
  ...readers,
  request: { query: strict({ tenant: name('a tenant').optional(), month: month.optional() }) },
  responses: {
    ...answers(
      'Successful calls that no statement will charge.',
      z.object({
        month,
        items: z.array(
          z.object({
            ...{ tenant: z.string(), server: z.string(), tool: z.string(), quantity, firstDay: day, lastDay: day },
            pricedIn: z
              .array(z.string())
              .openapi({ description: 'Currencies in which it has a price; the tenant pays in another.' }),
          }),
        ),
        warnings: z.array(z.string()).openapi({ description: 'Calls of no tenant, or of one without a record.' }),
      }),
    ),
    ...problemResponses,
  },
});

export const registerPrices = (app: Api): void => {
  app.openapi(listRoute, async (context) => {
    const { api, access } = context.var;
    const { tenant, server } = context.req.valid('query');
    const choice = chooseTenant(access, tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    const prices = await listPrices(api.database, {
      ...(choice.tenant === undefined ? {} : { tenant: choice.tenant }),
      ...(server === undefined ? {} : { server }),
    });
    const items = prices.map(({ version, createdAt, createdBy }) => ({
      ...present(version),
      ...{ createdAt: createdAt.toISOString(), createdBy },
    }));
    return context.json({ items }, 200);
  });

  app.openapi(inForceRoute, async (context) => {
    const { api, access } = context.var;
    const { tenant, server, tool, day: asked } = context.req.valid('query');
    const choice = chooseTenant(access, tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    if (choice.tenant === undefined)
      return problem(context, 'bad_request', 'query.tenant: is missing. Name the tenant whose prices you want.');
    const on = asked !== undefined && isDay(asked) ? asked : new Date(api.now()).toISOString().slice(0, 10);
    const tools = tool.map((each) => ({ server, tool: each }));
    const prices = await pricesInForce(api.database, { tenant: choice.tenant, day: on, tools });
    if (prices === undefined)
      return problem(context, 'not_found', await unknownTenant(api.database, choice.tenant, access));
    const items = prices.map(({ version, ...subject }) => ({
      ...subject,
      ...(version === undefined ? {} : { price: present(version) }),
    }));
    return context.json({ tenant: choice.tenant, day: on, items }, 200);
  });

  app.openapi(unpricedRoute, async (context) => {
    const { api, access } = context.var;
    const { tenant, month: asked } = context.req.valid('query');
    const choice = chooseTenant(access, tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    const parsed = asked === undefined ? undefined : parseMonth(asked);
    const period = parsed?.ok === true ? parsed.value : monthOf(new Date(api.now()).toISOString().slice(0, 10));
    const unpriced = await reportUnpriced(api.database, {
      period,
      ...(choice.tenant === undefined ? {} : { tenant: choice.tenant }),
    });
    const items = unpriced.map(({ tenant: of, server, tool, quantity: count, days, pricedIn }) => ({
      ...{ tenant: of, server, tool, quantity: Number(count), firstDay: days[0], lastDay: days[1] },
      pricedIn: [...pricedIn],
    }));
    const warnings = choice.tenant === undefined ? [...(await findUnbillable(api.database, period))] : [];
    return context.json({ month: monthName(period), items, warnings }, 200);
  });
};

const present = (version: PriceVersion): z.infer<typeof versionSchema> => ({
  ...{ id: version.id, server: version.server, tool: version.tool, currency: version.currency },
  ...{ price: presentModel(version), text: describeModel(version.price), effectiveFrom: version.effectiveFrom },
  billableOutcomes: [...version.billableOutcomes],
  ...(version.freeUnits === undefined ? {} : { freeUnits: Number(version.freeUnits) }),
  ...(version.minimumMinor === undefined ? {} : { minimum: toMoneyJson(version.minimumMinor, version.currency) }),
  ...optional({
    ...{ tenant: version.tenant, pool: version.pool, effectiveTo: version.effectiveTo },
    displayName: version.displayName,
  }),
});

const presentModel = ({ price }: PriceVersion): z.infer<typeof model> => {
  switch (price.model) {
    case 'flat':
      return price;
    case 'package':
      return { ...price, size: Number(price.size) };
    case 'graduated':
    case 'volume':
      return {
        model: price.model,
        tiers: price.tiers.map(({ upTo, unitAmount, flatAmount }) => ({
          unitAmount,
          ...(upTo === undefined ? {} : { upTo: Number(upTo) }),
          ...(flatAmount === undefined ? {} : { flatAmount }),
        })),
      };
  }
};
