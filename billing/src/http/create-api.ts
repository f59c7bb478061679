import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import packageJson from '../../package.json' with { type: 'json' };
import { bearerToken } from './access.ts';
import type { ApiContext, ApiEnv } from './api-env.ts';
import { isDatabaseAway } from './database-away.ts';
import { UNAUTHORIZED } from './governed.ts';
import { problem } from './problem.ts';
import { registerRoutes } from './routes/index.ts';
import { validationHook } from './validation.ts';

/** A budget or a search: nothing that people send here is larger. Nodes' batches have their own limit. */
const MAX_BODY_BYTES = 64 * 1024;

export type Api = OpenAPIHono<ApiEnv>;

/** The HTTP API over what the other folders do. Nothing listens yet. */
export const createApi = (api: ApiContext): Api => {
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: validationHook });
  app.use('*', async (context, next) => {
    context.set('api', api);
    context.set('requestId', randomUUID());
    await next();
    context.header('x-request-id', context.var.requestId);
    context.header('x-content-type-options', 'nosniff');
    // Costs and records belong into no cache on the way.
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store');
  });
  app.use('/v1/*', limitBody);
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token made by `stoa-billing token add`. Roles: usage, audit, finance, admin; optionally one tenant.',
  });
  registerRoutes(app);
  app.get('/openapi.json', (context) => context.json(describeApi(app)));
  app.notFound(answerUnknown);
  app.onError(answerError);
  return app;
};

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

const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: (context) => problem(context, 'too_large', `The body has more than ${MAX_BODY_BYTES} bytes.`),
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
