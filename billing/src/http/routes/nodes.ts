import { createRoute, z } from '@hono/zod-openapi';
import { listGaps, listNodes } from '../../ledger/node-credentials.ts';
import { listQuarantine, type QuarantineReason } from '../../ledger/quarantine.ts';
import type { Api } from '../create-api.ts';
import { governed } from '../governed.ts';
import { problemResponses } from '../problem.ts';
import { answers, moment, name, oneOf, quantity, strict, whole } from '../schemas.ts';

const operators = { roles: ['finance'], reach: 'operator' } as const;

const nodeSchema = z
  .object({
    nodeId: z.string(),
    createdAt: moment,
    revokedAt: moment.optional(),
    lastSeenAt: moment.optional(),
    lastEventAt: moment.optional().openapi({ description: 'When the newest call that it sent happened.' }),
    skewMs: z.int().optional().openapi({ description: "The node's clock minus ours; absent while it is not known." }),
    openGaps: z.int(),
    missing: quantity.openapi({ description: 'Records that the node wrote and the ledger does not have.' }),
  })
  .openapi('Node');

const gapSchema = z.object({
  nodeId: z.string(),
  epoch: z.string(),
  from: z.int(),
  to: z.int(),
  openedAt: moment,
});

const nodesRoute = createRoute({
  method: 'get',
  path: '/v1/nodes',
  summary: 'Gateway nodes, and which of their records are missing',
  tags: ['operations'],
  ...governed(operators),
  responses: {
    ...answers(
      'Every node with a credential, and open gaps, newest first.',
      z.object({ items: z.array(nodeSchema), gaps: z.array(gapSchema) }),
    ),
    ...problemResponses,
  },
});

const reasons = [
  ...(['unreadable', 'invalid', 'wrong_source', 'conflict', 'future', 'too_old', 'retired'] as const),
  'unstorable',
] as const satisfies readonly QuarantineReason[];

const quarantineSchema = z
  .object({
    id: z.string().openapi({ description: 'Of the entry, for `cursor` and `stoa-billing replay`.' }),
    eventId: z.string(),
    nodeId: z.string(),
    reason: oneOf(reasons),
    detail: z.string().openapi({ description: 'Which field is wrong, and how.' }),
    firstSeen: moment,
    resolvedAt: moment.optional(),
    resolution: z.string().optional(),
  })
  .openapi('QuarantinedEvent');

const quarantineRoute = createRoute({
  method: 'get',
  path: '/v1/quarantine',
  summary: 'Events that can never be accepted as they are',
  description: 'Without what was received, which may hold anything: see it with `stoa-billing replay --show ID`.',
  tags: ['operations'],
  ...governed(operators),
  request: {
    query: strict({
      reason: oneOf(reasons).optional(),
      node: name('a node').optional(),
      resolved: oneOf(['true', 'false']).optional().openapi({ description: 'true: also those that were dealt with.' }),
      limit: whole({ min: 1, max: 500, preset: 100 }),
      cursor: z
        .string()
        .regex(/^\d{1,18}$/, { error: 'is no cursor. Send the nextCursor of the page before.' })
        .optional(),
    }),
  },
  responses: {
    ...answers('Oldest first.', z.object({ items: z.array(quarantineSchema), nextCursor: z.string().optional() })),
    ...problemResponses,
  },
});

export const registerNodes = (app: Api): void => {
  app.openapi(nodesRoute, async (context) => {
    const { database } = context.var.api;
    const [nodes, gaps] = await Promise.all([listNodes(database), listGaps(database)]);
    return context.json(
      {
        items: nodes.map((node) => ({
          ...{ nodeId: node.nodeId, createdAt: node.createdAt.toISOString() },
          ...optionalMoments({ revokedAt: node.revokedAt, lastSeenAt: node.lastSeenAt, lastEventAt: node.lastEventAt }),
          ...(node.skewMs === null ? {} : { skewMs: Number(node.skewMs) }),
          ...{ openGaps: Number(node.openGaps), missing: Number(node.missing) },
        })),
        gaps: gaps.map(({ nodeId, epoch, from, to, openedAt }) => ({
          ...{ nodeId, epoch, from: Number(from), to: Number(to), openedAt: openedAt.toISOString() },
        })),
      },
      200,
    );
  });

  app.openapi(quarantineRoute, async (context) => {
    const { reason, node, resolved, limit, cursor } = context.req.valid('query');
    const entries = await listQuarantine(context.var.api.database, {
      limit,
      withResolved: resolved === 'true',
      ...(reason === undefined ? {} : { reason }),
      ...(node === undefined ? {} : { nodeId: node }),
      ...(cursor === undefined ? {} : { after: BigInt(cursor) }),
    });
    const last = entries.at(-1);
    return context.json(
      {
        items: entries.map((entry) => ({
          ...{ id: entry.quarantineId.toString(), eventId: entry.id, nodeId: entry.nodeId, reason: entry.reason },
          ...{ detail: entry.detail, firstSeen: entry.firstSeen.toISOString() },
          ...optionalMoments({ resolvedAt: entry.resolvedAt }),
          ...(entry.resolution === null ? {} : { resolution: entry.resolution }),
        })),
        ...(last === undefined || entries.length < limit ? {} : { nextCursor: last.quarantineId.toString() }),
      },
      200,
    );
  });
};

const optionalMoments = <Name extends string>(
  moments: Readonly<Record<Name, Date | null>>,
): { readonly [Key in Name]?: string } =>
  Object.fromEntries(
    Object.entries<Date | null>(moments).flatMap(([key, value]) =>
      value === null ? [] : [[key, value.toISOString()]],
    ),
  ) as { readonly [Key in Name]?: string };
