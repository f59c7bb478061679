import { createRoute, z } from '@hono/zod-openapi';
import { findInvocation } from '../../audit/find-invocation.ts';
import { searchInvocations, type FoundInvocation } from '../../audit/search-invocations.ts';
import { callCost } from '../../accrual/call-cost.ts';
import { describeIssue } from '../../domain/issue.ts';
import type { JSONValue } from 'hono/utils/types';
import type { Access } from '../access.ts';
import type { Api } from '../create-api.ts';
import { chooseTenant, governed, maySee } from '../governed.ts';
import { problem, problemResponses } from '../problem.ts';
import { answers, moment, name, oneOf, strict, whole } from '../schemas.ts';

const text = z.string().optional();
const count = z.number();

const invocationSchema = z
  .object({
    ...{ id: z.string(), occurredAt: moment, recordedAt: moment, late: z.boolean() },
    ...{ tenant: z.string(), application: z.string(), user: text, consumer: text },
    ...{ server: z.string(), tool: text, kind: z.string(), method: z.string() },
    ...{ decision: oneOf(['allow', 'deny']), outcome: z.string(), reason: text, rule: text, policy: text },
    ...{ policyRevision: text, plan: text, status: z.int(), upstreamStatus: z.int().optional() },
    ...{ latencyMs: count, upstreamMs: count.optional(), requestBytes: count, responseBytes: count },
    ...{ argumentsSha256: text, traceId: text, nodeId: z.string(), nodeEpoch: z.string(), nodeSequence: count },
    contentSha256: z.string(),
  })
  .openapi('Invocation');

const hex64 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { error: 'is not a SHA-256. Write 64 small hex digits.' })
  .optional();

const searchRoute = createRoute({
  method: 'get',
  path: '/v1/audit',
  summary: 'Single records, refusals included',
  description: 'Without a tenant, a tool or a digest of arguments at most 31 days at a time.',
  tags: ['audit'],
  ...governed({ roles: ['audit'], reach: 'tenant' }),
  request: {
    query: strict({
      from: moment.optional().openapi({ description: 'Of `occurredAt`; a day ago when left out.' }),
      to: moment.optional().openapi({ description: 'Before this moment; now when left out.' }),
      tenant: name('a tenant').optional(),
      application: name('an application').optional(),
      user: name('a user').optional(),
      consumer: name('a consumer').optional(),
      server: name('a server').optional(),
      tool: name('a tool').optional(),
      decision: oneOf(['allow', 'deny']).optional(),
      outcome: name('an outcome').optional(),
      reason: name('a reason').optional(),
      arguments_sha256: hex64,
      trace_id: name('a trace').optional(),
      node: name('a node').optional(),
      order: oneOf(['newest_first', 'oldest_first']).default('newest_first'),
      limit: whole({ min: 1, max: 500, preset: 50 }),
      cursor: z.string().max(200).optional(),
    }),
  },
  responses: {
    ...answers('One page.', z.object({ items: z.array(invocationSchema), nextCursor: z.string().optional() })),
    ...problemResponses,
  },
});

const costSchema = z
  .object({
    isPriced: z.boolean(),
    isBillable: z.boolean(),
    unitAmount: text.openapi({ description: 'Where every call costs the same, in units that people use.' }),
    currency: text,
    priceVersionId: text,
    text: z.string().openapi({ description: 'For people.', example: '0.05 EUR' }),
  })
  .openapi('CallCost');

const oneRoute = createRoute({
  method: 'get',
  path: '/v1/invocations/{id}',
  summary: 'One call: what it was, and what it cost',
  description:
    'A gateway sends its records within seconds of the call; until then there is none. With the role audit also the record itself.',
  tags: ['audit'],
  ...governed({ roles: ['usage', 'audit', 'finance'], reach: 'tenant' }),
  request: { params: z.object({ id: name('an invocation') }) },
  responses: {
    ...answers(
      'The call.',
      z.object({
        ...{ id: z.string(), recordedAt: moment, occurredAt: moment, tenant: z.string(), application: text },
        ...{ server: z.string(), tool: text, decision: z.string(), outcome: z.string(), status: z.int() },
        cost: costSchema,
        record: z.record(z.string(), z.unknown()).optional(),
        contentSha256: z.string(),
      }),
    ),
    ...problemResponses,
  },
});

const DAY_MILLISECONDS = 86_400_000;

export const registerAudit = (app: Api): void => {
  app.openapi(searchRoute, async (context) => {
    const { api, access } = context.var;
    const { from, to, tenant, order, limit, cursor, ...query } = context.req.valid('query');
    const { arguments_sha256: argumentsSha256, trace_id: traceId, node: nodeId, ...equal } = query;
    const choice = chooseTenant(access, tenant);
    if (!choice.ok) return problem(context, 'forbidden', choice.detail);
    const now = api.now();
    const filter = {
      from: new Date(from ?? now - DAY_MILLISECONDS),
      to: new Date(to ?? now),
      ...withoutNothing({ ...equal, argumentsSha256, traceId, nodeId, tenant: choice.tenant }),
    };
    const page = await searchInvocations(api.database, filter, { order, limit, ...withoutNothing({ cursor }) });
    if (!page.ok) return problem(context, 'bad_request', `query.${describeIssue(page.error)}`);
    const { items, next } = page.value;
    return context.json({ items: items.map(present), ...(next === undefined ? {} : { nextCursor: next }) }, 200);
  });

  app.openapi(oneRoute, async (context) => {
    const { api, access } = context.var;
    const { id } = context.req.valid('param');
    const found = await findInvocation(api.database, id);
    if (found === undefined || !maySee(access, found.tenant))
      return problem(
        context,
        'not_found',
        `The ledger has no invocation ${id} (yet): gateways send theirs every second.`,
      );
    // What the ledger stored it has checked before.
    const record = JSON.parse(found.record) as StoredRecord & Readonly<Record<string, JSONValue>>;
    const { occurredAt, application, server, tool, decision, outcome, status } = record;
    const cost = await callCost(api.database, { tenant: found.tenant, server, tool, occurredAt, outcome });
    return context.json(
      {
        ...{ id: found.id, recordedAt: found.recordedAt.toISOString(), occurredAt, tenant: found.tenant },
        ...{ server, decision, outcome, status, cost, contentSha256: found.contentSha256 },
        ...withoutNothing({ application, tool }),
        ...(maySeeRecord(access) ? { record } : {}),
      },
      200,
    );
  });
};

interface StoredRecord {
  readonly occurredAt: string;
  readonly application?: string;
  readonly server: string;
  readonly tool?: string;
  readonly decision: string;
  readonly outcome: string;
  readonly status: number;
}

/** Arguments are in it, redacted or not. */
const maySeeRecord = ({ roles }: Access): boolean => roles.includes('audit') || roles.includes('admin');

const present = (found: FoundInvocation): z.infer<typeof invocationSchema> => {
  const numbers = {
    ...{ requestBytes: Number(found.requestBytes), responseBytes: Number(found.responseBytes) },
    nodeSequence: Number(found.nodeSequence),
  };
  const known = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
  const moments = { occurredAt: found.occurredAt.toISOString(), recordedAt: found.recordedAt.toISOString() };
  return { ...known, ...numbers, ...moments } as z.infer<typeof invocationSchema>;
};

const withoutNothing = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
