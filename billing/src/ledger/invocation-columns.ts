import type { InvocationRow } from '../domain/invocations/invocation-row.ts';
import type { Column } from './joined-column.ts';

const bytea = (hex: string | undefined): string | undefined => (hex === undefined ? undefined : `\\x${hex}`);

/** The columns of `invocation` that come from the event, and how. The verifier derives them from the record once more. */
export const invocationColumns: readonly Column<InvocationRow>[] = [
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
