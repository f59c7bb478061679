import { createRoute, z } from '@hono/zod-openapi';
import { describeIssue } from '../../domain/issue.ts';
import { describeModel } from '../../domain/pricing/describe-model.ts';
import { explainLine, type BilledInvocation } from '../../statements/explain-line.ts';
import { findStatement } from '../../statements/statement-store.ts';
import type { Api } from '../create-api.ts';
import { governed, maySee } from '../governed.ts';
import { lineSchema, presentLine } from '../present/statement.ts';
import { problem, problemResponses } from '../problem.ts';
import { answers, day, moment, name, quantity, strict, whole } from '../schemas.ts';

const billed = z
  .object({
    ...{ id: z.string(), occurredAt: moment, recordedAt: moment, application: z.string(), user: z.string().optional() },
    ...{ outcome: z.string(), status: z.int(), latencyMs: z.number(), traceId: z.string().optional() },
    contentSha256: z.string(),
  })
  .openapi('BilledInvocation');

const route = createRoute({
  method: 'get',
  path: '/v1/statements/{id}/lines/{lineNo}/evidence',
  summary: 'A line down to the calls behind it',
  description:
    'How the amount came about, what was hashed when the statement was sealed, and one page of the calls, oldest first.',
  tags: ['statements'],
  ...governed({ roles: ['finance'], reach: 'tenant' }),
  request: {
    params: z.object({
      id: name('a statement'),
      lineNo: z.coerce
        .number({ error: 'is no line. Write its number.' })
        .int({ error: 'is no line. Write its number.' }),
    }),
    query: strict({ limit: whole({ min: 1, max: 1_000, preset: 100 }), cursor: z.string().max(200).optional() }),
  },
  responses: {
    ...answers(
      'The line and its calls.',
      z.object({
        statement: z.string(),
        line: lineSchema,
        steps: z.array(z.string()),
        price: z.object({ id: z.string(), text: z.string(), currency: z.string(), effectiveFrom: day }).optional(),
        buckets: z.array(z.object({ day, outcome: z.string(), quantity, sha256: z.string() })),
        invocations: z.array(billed),
        nextCursor: z.string().optional(),
      }),
    ),
    ...problemResponses,
  },
});

export const registerEvidence = (app: Api): void => {
  app.openapi(route, async (context) => {
    const { api, access } = context.var;
    const { id, lineNo } = context.req.valid('param');
    const { limit, cursor } = context.req.valid('query');
    // Asked first, so that a line of another tenant's statement says nothing either.
    const stored = await findStatement(api.database, id);
    if (stored === undefined || !maySee(access, stored.statement.tenant))
      return problem(context, 'not_found', `There is no statement ${id}; see GET /v1/statements.`);
    const query = { statementId: id, lineNo, limit, ...(cursor === undefined ? {} : { cursor }) };
    const explained = await explainLine(api.database, query);
    if (!explained.ok)
      return problem(
        context,
        explained.error.path === 'cursor' ? 'bad_request' : 'not_found',
        describeIssue(explained.error),
      );
    const { line, steps, price, buckets, invocations, nextCursor } = explained.value;
    return context.json(
      {
        ...{ statement: id, line: presentLine(line, stored.statement.currency), steps: [...steps] },
        ...(price === undefined
          ? {}
          : {
              price: {
                ...{ id: price.id, text: describeModel(price.price), currency: price.currency },
                effectiveFrom: price.effectiveFrom,
              },
            }),
        buckets: buckets.map(({ day: on, outcome, count, sha256 }) => ({
          ...{ day: on, outcome, quantity: Number(count), sha256 },
        })),
        invocations: invocations.map(presentInvocation),
        ...(nextCursor === undefined ? {} : { nextCursor }),
      },
      200,
    );
  });
};

const presentInvocation = ({ occurredAt, recordedAt, ...rest }: BilledInvocation): z.infer<typeof billed> => ({
  ...rest,
  occurredAt: occurredAt.toISOString(),
  recordedAt: recordedAt.toISOString(),
});
