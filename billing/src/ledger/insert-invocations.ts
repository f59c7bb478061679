import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import type { InvocationRow } from '../domain/invocations/invocation-row.ts';
import { bindingsOf, namesOf, unnestOf, type Column } from './joined-column.ts';

const bytea = (hex: string | undefined): string | undefined => (hex === undefined ? undefined : `\\x${hex}`);

const columns: readonly Column<InvocationRow>[] = [
  { name: 'id', type: 'uuid', value: (row) => row.id },
  { name: 'occurred_at', type: 'timestamptz', value: (row) => row.occurredAt },
  { name: 'tenant', type: 'text', value: (row) => row.tenant },
  { name: 'application', type: 'text', value: (row) => row.application },
  { name: 'user_id', type: 'text', value: (row) => row.user },
  { name: 'consumer', type: 'text', value: (row) => row.consumer },
  { name: 'server', type: 'text', value: (row) => row.server },
  { name: 'tool', type: 'text', value: (row) => row.tool },
  { name: 'kind', type: 'text', value: (row) => row.kind },
  { name: 'method', type: 'text', value: (row) => row.method },
  { name: 'decision', type: 'text', value: (row) => row.decision },
  { name: 'outcome', type: 'text', value: (row) => row.outcome },
  { name: 'reason', type: 'text', value: (row) => row.reason },
  { name: 'rule', type: 'text', value: (row) => row.rule },
  { name: 'policy', type: 'text', value: (row) => row.policy },
  { name: 'policy_revision', type: 'text', value: (row) => row.policyRevision },
  { name: 'plan', type: 'text', value: (row) => row.plan },
  { name: 'status', type: 'integer', value: (row) => row.status },
  { name: 'upstream_status', type: 'integer', value: (row) => row.upstreamStatus },
  { name: 'latency_ms', type: 'integer', value: (row) => row.latencyMs },
  { name: 'upstream_ms', type: 'integer', value: (row) => row.upstreamMs },
  { name: 'request_bytes', type: 'bigint', value: (row) => row.requestBytes },
  { name: 'response_bytes', type: 'bigint', value: (row) => row.responseBytes },
  { name: 'arguments_sha256', type: 'bytea', value: (row) => bytea(row.argumentsSha256) },
  { name: 'trace_id', type: 'text', value: (row) => row.traceId },
  { name: 'node_id', type: 'text', value: (row) => row.nodeId },
  { name: 'node_epoch', type: 'text', value: (row) => row.nodeEpoch },
  { name: 'node_sequence', type: 'bigint', value: (row) => row.nodeSequence },
  { name: 'content_sha256', type: 'bytea', value: (row) => bytea(row.contentSha256) },
  { name: 'record', type: 'json', value: (row) => row.record },
];

const insert = `
  insert into invocation (recorded_at, late, ${namesOf(columns)})
  select moment.recorded_at, batch.occurred_at < moment.late_before, batch.*
  from (values (?::timestamptz, ?::timestamptz)) as moment (recorded_at, late_before),
    ${unnestOf(columns)} as batch (${namesOf(columns)})
  on conflict (occurred_at, id) do nothing
  returning id`;

export interface InsertMoment {
  readonly recordedAt: Date;
  /** What occurred before is flagged late. */
  readonly lateBefore: Date;
}

/** Writes the rows whose id is new, and gives their ids. The claim to an id and the row are one write, so no crash can part them. */
export const insertInvocations = async (
  transaction: Knex,
  rows: readonly InvocationRow[],
  { recordedAt, lateBefore }: InsertMoment,
): Promise<ReadonlySet<string>> => {
  if (rows.length === 0) return new Set();
  const bindings = [recordedAt.toISOString(), lateBefore.toISOString(), ...bindingsOf(columns, rows)];
  const inserted = await queryRows<{ readonly id: string }>(transaction, insert, bindings);
  return new Set(inserted.map(({ id }) => id));
};

export interface StoredContent {
  readonly id: string;
  readonly contentSha256: string;
  /** The record, when its digest is another one than that of the row; null otherwise. */
  readonly otherRecord: unknown;
}

const identity = columns.filter(({ name }) => ['id', 'occurred_at', 'content_sha256'].includes(name));

const stored = `
  select i.id, encode(i.content_sha256, 'hex') as "contentSha256", 
    case when i.content_sha256 <> batch.content_sha256 then i.record end as "otherRecord"
  from ${unnestOf(identity)} as batch (${namesOf(identity)})
  join invocation i using (occurred_at, id)`;

/** What the ledger holds under the ids of these rows. */
export const findStored = async (
  transaction: Knex,
  rows: readonly InvocationRow[],
): Promise<ReadonlyMap<string, StoredContent>> => {
  if (rows.length === 0) return new Map();
  const found = await queryRows<StoredContent>(transaction, stored, bindingsOf(identity, rows));
  return new Map(found.map((content) => [content.id, content]));
};
