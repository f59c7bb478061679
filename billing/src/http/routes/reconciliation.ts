import { createRoute, z } from '@hono/zod-openapi';
import { fixOf, hops } from '../../domain/reconciliation/finding.ts';
import { listRunItems, listRuns, type StoredRun } from '../../stripe/reconciliation/store-run.ts';
import type { Api } from '../create-api.ts';
import { governed } from '../governed.ts';
import { problem, problemResponses } from '../problem.ts';
import { answers, day, moment, name, oneOf, strict, whole } from '../schemas.ts';

const operators = governed({ roles: ['finance'], reach: 'operator' });

const runSchema = z
  .object({
    ...{ id: z.string(), tenant: z.string().optional(), firstDay: day, startedAt: moment },
    endDay: day.openapi({ description: 'Not included.' }),
    compared: z.int().openapi({ description: 'Tools times days.' }),
    pending: z.int().openapi({ description: 'Differences that will go by themselves.' }),
    wrong: z.int().openapi({ description: 'Those that need somebody.' }),
  })
  .openapi('ReconciliationRun');

const itemSchema = z
  .object({
    hop: oneOf(hops),
    cause: z.string(),
    fix: z.string().openapi({ description: 'What a person does about it.' }),
    subject: z.string(),
    ...{ tenant: z.string().optional(), server: z.string().optional(), tool: z.string().optional() },
    day: day.optional(),
    expected: z.string().openapi({ description: 'Of the side nearer to the gateway, as text.' }),
    found: z.string(),
    isPending: z.boolean(),
  })
  .openapi('ReconciliationItem');

const listRoute = createRoute({
  method: 'get',
  path: '/v1/reconciliation',
  summary: 'Comparisons from the gateway to the payment, newest first',
  description: 'The worker compares every hour. Empty while Stripe is off.',
  tags: ['operations'],
  ...operators,
  request: { query: strict({ limit: whole({ min: 1, max: 500, preset: 50 }) }) },
  responses: { ...answers('Kept runs.', z.object({ items: z.array(runSchema) })), ...problemResponses },
});

const oneRoute = createRoute({
  method: 'get',
  path: '/v1/reconciliation/{id}',
  summary: 'What differed in one comparison, with cause and fix',
  tags: ['operations'],
  ...operators,
  request: { params: z.object({ id: name('a comparison') }) },
  responses: {
    ...answers('From the gateway outwards.', z.object({ run: runSchema, items: z.array(itemSchema) })),
    ...problemResponses,
  },
});

/** More are never asked for than there are hours in a month. */
const MAX_RUNS = 1_000;

export const registerReconciliation = (app: Api): void => {
  app.openapi(listRoute, async (context) => {
    const { stripe } = context.var.api;
    const { limit } = context.req.valid('query');
    const runs = stripe === undefined ? [] : await listRuns(stripe.context, { limit });
    return context.json({ items: runs.map(presentRun) }, 200);
  });

  app.openapi(oneRoute, async (context) => {
    const { stripe } = context.var.api;
    const { id } = context.req.valid('param');
    const runs = stripe === undefined ? [] : await listRuns(stripe.context, { limit: MAX_RUNS });
    const run = runs.find((each) => each.id === id);
    if (run === undefined || stripe === undefined)
      return problem(context, 'not_found', `There is no comparison ${id}; see GET /v1/reconciliation.`);
    const items = (await listRunItems(stripe.context, id)).map(({ expected, found, ...item }) => ({
      ...item,
      ...{ fix: fixOf(item.cause), expected: expected.toString(), found: found.toString() },
    }));
    return context.json({ run: presentRun(run), items }, 200);
  });
};

const presentRun = ({ startedAt, ...run }: StoredRun): z.infer<typeof runSchema> => ({
  ...run,
  startedAt: startedAt.toISOString(),
});
