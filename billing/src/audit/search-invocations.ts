import { Buffer } from 'node:buffer';
import type { Knex } from 'knex';
import { queryRows, type Binding } from '../database/query-rows.ts';
import type { Issue } from '../domain/issue.ts';
import { EVENT_ID } from '../domain/invocations/read-invocation-event.ts';
import { failure, success, type Result } from '../domain/result.ts';

export interface InvocationFilter {
  /** `occurredAt` from here on. */
  readonly from: Date;
  /** And before here. */
  readonly to: Date;
  /** '' finds what no tenant could be found for. */
  readonly tenant?: string;
  readonly application?: string;
  readonly user?: string;
  readonly consumer?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly decision?: 'allow' | 'deny';
  readonly outcome?: string;
  readonly reason?: string;
  /** Hex SHA-256 of the canonical JSON of a call's arguments: every call with the same arguments. */
  readonly argumentsSha256?: string;
  readonly traceId?: string;
  readonly nodeId?: string;
}

export interface FoundInvocation {
  readonly id: string;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly late: boolean;
  readonly tenant: string;
  readonly application: string;
  readonly user: string | null;
  readonly consumer: string | null;
  readonly server: string;
  readonly tool: string | null;
  readonly kind: string;
  readonly method: string;
  readonly decision: 'allow' | 'deny';
  readonly outcome: string;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly policy: string | null;
  readonly policyRevision: string | null;
  readonly plan: string | null;
  readonly status: number;
  readonly upstreamStatus: number | null;
  readonly latencyMs: number;
  readonly upstreamMs: number | null;
  readonly requestBytes: bigint;
  readonly responseBytes: bigint;
  readonly argumentsSha256: string | null;
  readonly traceId: string | null;
  readonly nodeId: string;
  readonly nodeEpoch: string;
  readonly nodeSequence: bigint;
  readonly contentSha256: string;
}

export interface InvocationPage {
  readonly items: readonly FoundInvocation[];
  /** For the page after this one; undefined on the last. */
  readonly next?: string;
}

export interface PageOptions {
  /** `next` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit?: number;
  /** Newest first unless `oldest_first`. */
  readonly order?: 'newest_first' | 'oldest_first';
}

const DAY_MS = 86_400_000;
/** Without a tenant, a tool or a digest to go by, every record of the window is read. */
const MAX_UNGUIDED_MS = 31 * DAY_MS;
const MAX_LIMIT = 500;

const selected = `i.id, i.occurred_at as "occurredAt", i.recorded_at as "recordedAt", i.late, i.tenant, i.application,
  i.user_id as "user", i.consumer, i.server, i.tool, i.kind, i.method, i.decision, i.outcome, i.reason, i.rule, i.policy,
  i.policy_revision as "policyRevision", i.plan, i.status, i.upstream_status as "upstreamStatus",
  i.latency_ms as "latencyMs", i.upstream_ms as "upstreamMs", i.request_bytes as "requestBytes",
  i.response_bytes as "responseBytes", encode(i.arguments_sha256, 'hex') as "argumentsSha256", i.trace_id as "traceId",
  i.node_id as "nodeId", i.node_epoch as "nodeEpoch", i.node_sequence as "nodeSequence",
  encode(i.content_sha256, 'hex') as "contentSha256"`;

/** One page of the records that fit. Pages follow each other by time and id, whatever is recorded meanwhile. */
export const searchInvocations = async (
  database: Knex,
  filter: InvocationFilter,
  { cursor, limit = 50, order = 'newest_first' }: PageOptions = {},
): Promise<Result<InvocationPage, Issue>> => {
  const wrong = problemOf(filter);
  if (wrong !== undefined) return failure(wrong);
  const after = cursor === undefined ? undefined : readCursor(cursor);
  if (cursor !== undefined && after === undefined)
    return failure({
      path: 'cursor',
      problem: 'is not one that a page gave',
      suggestion: 'Leave it out for the first page.',
    });
  const size = Math.min(Math.max(Math.trunc(limit), 1), MAX_LIMIT);
  const { conditions, bindings } = conditionsOf(filter);
  const [compare, direction] = order === 'newest_first' ? ['<', 'desc'] : ['>', 'asc'];
  const keyset = after === undefined ? '' : `and (i.occurred_at, i.id) ${compare} (?::timestamptz, ?::uuid)`;
  const items = await queryRows<FoundInvocation>(
    database,
    `select ${selected} from billing.invocation i where ${conditions.join(' and ')} ${keyset}
     order by i.occurred_at ${direction}, i.id ${direction} limit ?`,
    [...bindings, ...(after ?? []), size],
  );
  const last = items.at(-1);
  return success({ items, ...(last === undefined || items.length < size ? {} : { next: writeCursor(last) }) });
};

const problemOf = ({ from, to, argumentsSha256, ...filter }: InvocationFilter): Issue | undefined => {
  if (!(from.getTime() < to.getTime())) return { path: 'to', problem: 'is not after from' };
  if (argumentsSha256 !== undefined && !/^[0-9a-f]{64}$/.test(argumentsSha256))
    return { path: 'argumentsSha256', problem: 'is not a SHA-256 in 64 small hex digits' };
  const isGuided = filter.tenant !== undefined || filter.tool !== undefined || argumentsSha256 !== undefined;
  if (!isGuided && to.getTime() - from.getTime() > MAX_UNGUIDED_MS)
    return {
      path: 'from',
      problem: 'is more than 31 days before to',
      suggestion: 'Name a tenant, a tool or a digest of arguments, or search in a shorter time.',
    };
  return undefined;
};

const columnOf = {
  tenant: 'tenant',
  application: 'application',
  user: 'user_id',
  consumer: 'consumer',
  server: 'server',
  tool: 'tool',
  decision: 'decision',
  outcome: 'outcome',
  reason: 'reason',
  traceId: 'trace_id',
  nodeId: 'node_id',
} as const satisfies Partial<Record<keyof InvocationFilter, string>>;

const conditionsOf = ({ from, to, argumentsSha256, ...filter }: InvocationFilter) => {
  const equal = Object.entries(columnOf).flatMap(([name, column]) => {
    const value = filter[name as keyof typeof columnOf];
    return value === undefined ? [] : [{ sql: `i.${column} = ?`, value }];
  });
  const digest =
    argumentsSha256 === undefined
      ? []
      : [{ sql: 'i.arguments_sha256 = ?', value: Buffer.from(argumentsSha256, 'hex') }];
  const conditions = ['i.occurred_at >= ?', 'i.occurred_at < ?', ...[...equal, ...digest].map(({ sql }) => sql)];
  const bindings: readonly Binding[] = [from, to, ...[...equal, ...digest].map(({ value }) => value)];
  return { conditions, bindings };
};

const writeCursor = ({ occurredAt, id }: FoundInvocation): string =>
  Buffer.from(`${occurredAt.toISOString()} ${id}`).toString('base64url');

const readCursor = (cursor: string): readonly [string, string] | undefined => {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  return EVENT_ID.test(id) && /^\d{4}-\d{2}-\d{2}T[\d:.]{12}Z$/.test(time) && !Number.isNaN(Date.parse(time))
    ? [time, id]
    : undefined;
};
