import { NotFoundError } from '@backstage/errors';
import { z } from 'zod';
import { serverAuditReadPermission, type AuditRecord } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { RecordItem } from '../billing/BillingClient';
import type { Viewer } from '../permissions/Access';
import type { Services } from '../services';
import { route, type Route } from './route';

const listQuery = z.object({
  server: z.string().max(200).optional(),
  tool: z.string().max(256).optional(),
  application: z.string().max(200).optional(),
  decision: z.enum(['allow', 'deny']).optional(),
  cursor: z.string().max(4_000).optional(),
});

type ListQuery = z.infer<typeof listQuery>;

const PAGE = 50;
const WINDOW_DAYS = 31;

export const auditRoutes = (services: Services): readonly Route[] => [
  route<ListQuery>({
    operationId: 'listAudit',
    method: 'get',
    path: '/audit',
    summary: 'Records of the last 31 days: of all servers for auditors, of their own for providers, of none for others',
    query: listQuery,
    handle: async ({ viewer, query }) => {
      const servers = await auditedServers(services, viewer);
      return servers === 'all' ? page(services, query, query.server) : pageOfServers(services, query, servers);
    },
  }),
  route({
    operationId: 'getAuditRecord',
    method: 'get',
    path: '/audit/:id',
    summary: 'One record with its redacted arguments',
    handle: async ({ viewer, path: { id = '' } }) => {
      const servers = await auditedServers(services, viewer);
      const found = await services.billing.invocation(id).catch(() => undefined);
      if (found === undefined || (servers !== 'all' && !servers.includes(found.server)))
        throw new NotFoundError('There is no such record, or it is of a server that your groups do not provide.');
      return found.record ?? {};
    },
  }),
];

/** Servers of which the viewer may read every record. */
const auditedServers = async ({ access, directory }: Services, viewer: Viewer): Promise<'all' | readonly string[]> => {
  if (await access.hasRole(viewer, 'auditors')) return 'all';
  const servers = await access.servers(viewer, serverAuditReadPermission, await directory.servers());
  return servers.map(({ server }) => server);
};

interface Page {
  readonly items: readonly AuditRecord[];
  readonly nextCursor?: string;
}

const page = async ({ billing, now }: Services, query: ListQuery, server: string | undefined): Promise<Page> => {
  const { tool, application, decision, cursor } = query;
  const { items, nextCursor } = await billing.records({
    from: new Date(now() - WINDOW_DAYS * 86_400_000 + 60_000).toISOString(),
    to: new Date(now()).toISOString(),
    limit: PAGE,
    ...defined({ server, tool, application, decision, cursor }),
  });
  return { items: items.map(toAuditRecord), ...(nextCursor === undefined ? {} : { nextCursor }) };
};

/**
 * Billing answers about one server at a time. Pages of several are merged by time: the newest of each server first, and the
 * cursor remembers how far each one was read.
 */
const pageOfServers = async (services: Services, query: ListQuery, servers: readonly string[]): Promise<Page> => {
  const wanted = servers.filter((server) => query.server === undefined || query.server === server);
  const positions = readCursor(query.cursor);
  const pages = await Promise.all(
    wanted.map(async (server) => {
      const position = positions[server];
      if (position === null) return { server, items: [], nextCursor: undefined };
      const { cursor: _own, ...rest } = query;
      return { server, ...(await page(services, { ...rest, ...defined({ cursor: position }) }, server)) };
    }),
  );
  const items = pages
    .flatMap((each) => each.items)
    .sort((left, right) => (left.occurredAt < right.occurredAt ? 1 : -1));
  const next = Object.fromEntries(pages.map(({ server, nextCursor }) => [server, nextCursor ?? null]));
  const hasMore = Object.values(next).some((cursor) => cursor !== null);
  return { items, ...(hasMore ? { nextCursor: Buffer.from(JSON.stringify(next)).toString('base64url') } : {}) };
};

const readCursor = (cursor: string | undefined): Readonly<Record<string, string | null | undefined>> => {
  if (cursor === undefined) return {};
  try {
    return z.record(z.string(), z.string().nullable()).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    return {};
  }
};

const toAuditRecord = (item: RecordItem): AuditRecord => ({
  ...{ id: item.id, occurredAt: item.occurredAt, tenant: item.tenant, application: item.application },
  ...{ server: item.server, tool: item.tool ?? '', decision: item.decision, outcome: item.outcome },
  ...{ latencyMs: item.latencyMs, status: item.status },
  ...defined({
    user: item.user,
    reason: item.reason,
    rule: item.rule,
    argumentsSha256: item.argumentsSha256,
  }),
});

const defined = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as {
    readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined | null>;
  };
