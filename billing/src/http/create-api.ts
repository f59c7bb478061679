import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import packageJson from '../../package.json' with { type: 'json' };
import { bearerToken } from './access.ts';
import type { ApiContext, ApiEnv } from './api-env.ts';
import { isDatabaseAway } from './database-away.ts';
import { UNAUTHORIZED } from './governed.ts';
import { problem } from './problem.ts';
import { registerRoutes } from './routes/index.ts';
import { ingestRoutes, type IngestObserver } from './routes/ingest.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { validationHook } from './validation.ts';

export type Api = OpenAPIHono<ApiEnv>;

/** The HTTP API over what the other folders do. Nothing listens yet. */
export const createApi = (api: ApiContext): Api => {
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: validationHook });
  app.use('*', surround(api));
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token made by `stoa-billing token add`. Roles: usage, audit, finance, admin; optionally one tenant.',
  });
  registerRoutes(app);
  if (api.ingest !== undefined) app.route('/', ingestRoutes({ ...api.ingest, now: api.now, ...observerOf(api) }));
  if (api.stripe !== undefined) app.route('/', webhookRoutes(api.stripe.webhooks));
  app.get('/openapi.json', (context) => context.json(describeApi(app)));
  app.notFound(answerUnknown);
  app.onError(answerError);
  return app;
};

/** What is around every request. */
const surround = (api: ApiContext) =>
  createMiddleware<ApiEnv>(async (context, next) => {
    const started = performance.now();
    context.set('api', api);
    context.set('requestId', randomUUID());
    await next();
    const route = routePath(context, -1);
    const seconds = (performance.now() - started) / 1000;
    api.metrics?.observeRequest({ method: context.req.method, route, status: context.res.status, seconds });
    context.header('x-request-id', context.var.requestId);
    context.header('x-content-type-options', 'nosniff');
    // Costs and records belong into no cache on the way.
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store');
  });

/** Batches that are refused or fail stay with their nodes, which say so too; here the log has why. */
const observerOf = ({ metrics, log }: ApiContext): { readonly observer: IngestObserver } => ({
  observer: {
    ...metrics?.ingest,
    onFailure: ({ nodeId, error }) =>
      log({
        level: 'error',
        message: 'a batch could not be stored',
        nodeId,
        error: error instanceof Error ? error.message : String(error),
      }),
  },
});

/** The OpenAPI 3.1 document; docs/billing-openapi.json is a copy of it, kept true by a test. */
export const describeApi = (app: Api) =>
  app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'stoa-billing',
      version: packageJson.version,
      description: 'The ledger of tool invocations: usage, costs, statements, prices, budgets and audit.',
      license: { name: packageJson.license },
    },
    servers: [{ url: '/' }],
  });

/** Who is not known learns nothing, not even which paths exist. */
const answerUnknown = async (context: Context<ApiEnv>): Promise<Response> => {
  const token = bearerToken(context.req.header('authorization'));
  const access = token === undefined ? undefined : await context.var.api.findAccess(token);
  return access === undefined
    ? problem(context, 'unauthorized', UNAUTHORIZED)
    : problem(context, 'not_found', `There is no ${context.req.method} ${context.req.path}; see /openapi.json.`);
};

const answerError = (error: unknown, context: Context<ApiEnv>): Response => {
  if (error instanceof HTTPException && error.status === 415)
    return problem(context, 'unsupported_media_type', 'Send the body as application/json.');
  if (error instanceof HTTPException && error.status === 400)
    return problem(context, 'bad_request', 'The body is not valid JSON.');
  const { api, requestId } = context.var;
  const message = error instanceof Error ? error.message : String(error);
  if (isDatabaseAway(error)) {
    api.log({ level: 'error', message: 'the database is away', error: message, requestId });
    return problem(context, 'unavailable', 'The database does not answer. Try again in a few seconds.', {
      headers: { 'retry-after': '5' },
    });
  }
  const stack = error instanceof Error ? error.stack : undefined;
  api.log({ level: 'error', message: 'a request failed', error: message, stack, requestId, path: context.req.path });
  return problem(context, 'internal_error', `Something is wrong here. The log has it as request ${requestId}.`);
};
