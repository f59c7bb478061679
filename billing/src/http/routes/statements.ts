import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { parseMonth } from '../../domain/calendar/period.ts';
import type { ExportFile } from '../../exports/csv.ts';
import { makeStatementFile, statementFiles, type StatementFileName } from '../../exports/statement-files.ts';
import { findStatement, listStatements } from '../../statements/statement-store.ts';
import type { ApiEnv } from '../api-env.ts';
import type { Api } from '../create-api.ts';
import { chooseTenant, governed, maySee } from '../governed.ts';
import {
  fullStatementSchema,
  presentStatement,
  presentSummary,
  statementStates,
  summarySchema,
} from '../present/statement.ts';
import { problem, problemResponses } from '../problem.ts';
import { answers, month, name, oneOf, strict } from '../schemas.ts';

const readers = governed({ roles: ['finance'], reach: 'tenant' });

const listRoute = createRoute({
  method: 'get',
  path: '/v1/statements',
  summary: 'Statements, newest period first',
  tags: ['statements'],
  ...readers,
  request: {
    query: strict({
      tenant: name('a tenant').optional(),
      month: month.optional(),
      state: oneOf(statementStates).optional(),
    }),
  },
  responses: { ...answers('Without their lines.', z.object({ items: z.array(summarySchema) })), ...problemResponses },
});

const id = z.object({ id: name('a statement').openapi({ example: 'stm_2026-11_0123456789abcdef' }) });

const oneRoute = createRoute({
  method: 'get',
  path: '/v1/statements/{id}',
  summary: 'A statement with its lines',
  tags: ['statements'],
  ...readers,
  request: { params: id },
  responses: { ...answers('The statement.', fullStatementSchema), ...problemResponses },
});

const file = <const Type extends string>(path: string, summary: string, mediaType: Type) =>
  createRoute({
    method: 'get',
    path: `/v1/statements/{id}/${path}`,
    summary,
    description: 'With its SHA-256 in `x-content-sha256`.',
    tags: ['statements'],
    ...readers,
    request: { params: id },
    responses: { 200: { description: summary, content: { [mediaType]: { schema: z.string() } } }, ...problemResponses },
  });

export const registerStatements = (app: Api): void => {
  app.openapi(listRoute, async (context) => {
    const { api, access } = context.var;
    const { tenant, month: asked, state } = context.req.valid('query');
    const choice = chooseTenant(access, tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    const period = asked === undefined ? undefined : parseMonth(asked);
    const stored = await listStatements(api.database, {
      ...(choice.tenant === undefined ? {} : { tenant: choice.tenant }),
      ...(period?.ok === true ? { periodStart: period.value.start } : {}),
      ...(state === undefined ? {} : { states: [state] }),
    });
    return context.json({ items: stored.map(presentSummary) }, 200);
  });

  app.openapi(oneRoute, async (context) => {
    const stored = await visible(context, context.req.valid('param').id);
    if (stored === undefined) return problem(context, 'not_found', noStatement(context.req.valid('param').id));
    return context.json({ ...presentSummary(stored), ...presentStatement(stored.statement) }, 200);
  });

  for (const [form, { summary, mediaType }] of Object.entries(statementFiles))
    app.openapi(file(form, summary, mediaType), async (context) => {
      const { api } = context.var;
      const stored = await visible(context, context.req.valid('param').id);
      if (stored === undefined) return problem(context, 'not_found', noStatement(context.req.valid('param').id));
      const request = { stored, form: form as StatementFileName, parties: api.parties };
      return answerFile(context, await makeStatementFile(api.database, request));
    });
};

/** A statement of another tenant is answered as if there were none. */
const visible = async ({ var: { api, access } }: Context<ApiEnv>, statementId: string) => {
  const stored = await findStatement(api.database, statementId);
  return stored !== undefined && maySee(access, stored.statement.tenant) ? stored : undefined;
};

const noStatement = (statementId: string): string =>
  `There is no statement ${statementId}; see GET /v1/statements, or close the month first.`;

export const answerFile = (context: Context<ApiEnv>, { name: fileName, mediaType, text, sha256 }: ExportFile) => {
  const isPage = mediaType.startsWith('text/html');
  return context.body(text, 200, {
    'content-type': mediaType,
    'content-disposition': `${isPage ? 'inline' : 'attachment'}; filename="${fileName}"`,
    'x-content-sha256': sha256,
    // A page of ours is shown by whoever asks for it, and by nobody else's frame.
    ...(isPage
      ? { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'" }
      : {}),
  });
};
