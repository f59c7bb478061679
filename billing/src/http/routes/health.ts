import { createRoute, z } from '@hono/zod-openapi';
import { pendingMigrations } from '../../database/migrate.ts';
import type { Api } from '../create-api.ts';
import { governed } from '../governed.ts';
import { problem, problemResponses } from '../problem.ts';

const status = z.object({ status: z.string() });

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the process lives',
  tags: ['operations'],
  'x-access': 'open',
  responses: { 200: { description: 'It does.', content: { 'application/json': { schema: status } } } },
});

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether requests can be answered: the database is there and up to date',
  tags: ['operations'],
  'x-access': 'open',
  responses: {
    200: { description: 'They can.', content: { 'application/json': { schema: status } } },
    503: { description: 'They cannot.', content: { 'application/json': { schema: status } } },
  },
});

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Metrics for Prometheus',
  tags: ['operations'],
  ...governed({ roles: ['usage', 'finance'], reach: 'operator' }),
  responses: {
    200: { description: 'The text format.', content: { 'text/plain': { schema: z.string() } } },
    ...problemResponses,
  },
});

export const registerHealth = (app: Api): void => {
  app.openapi(healthRoute, (context) => context.json({ status: 'ok' }, 200));

  /** Probes carry no token, so that they learn nothing but yes or no. */
  app.openapi(readyRoute, async (context) => {
    const pending = await pendingMigrations(context.var.api.database).catch(() => undefined);
    return pending?.length === 0 ? context.json({ status: 'ready' }, 200) : context.json({ status: 'not_ready' }, 503);
  });

  app.openapi(metricsRoute, async (context) => {
    const { metrics } = context.var.api;
    if (metrics === undefined) return problem(context, 'not_found', 'This process keeps no metrics.');
    return context.text(await metrics.render(), 200, { 'content-type': metrics.contentType });
  });
};
