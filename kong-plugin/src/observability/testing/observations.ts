import type { InvocationRecord } from '../../domain/records/invocation-record.ts';
import { toStored, type StoredRecord } from '../../domain/records/stored-record.ts';
import type { Observation, ObservationKind, ObservationOf } from '../observation.ts';

/** 2026-03-01T12:00:00Z. */
export const noon = Date.UTC(2026, 2, 1, 12);

export const recordOf = (record: Partial<InvocationRecord> = {}): InvocationRecord => ({
  id: '0195515b-0000-7000-8000-000000000001',
  occurredAt: '2026-03-01T12:00:00.000Z',
  server: 'orders',
  kind: 'tool',
  method: 'tools/call',
  tool: 'create_invoice',
  tenant: 'acme',
  application: 'billing-desk',
  consumer: 'acme-billing',
  decision: 'allow',
  policy: 'tool-access',
  rule: 'acme-billing-desk',
  outcome: 'ok',
  status: 200,
  latencyMs: { total: 12 },
  requestBytes: 100,
  responseBytes: 200,
  arguments: { order: '4711' },
  httpMethod: 'POST',
  path: '/mcp/orders',
  kongRequestId: 'a1b2',
  ...record,
});

export const storedOf = (record: Partial<InvocationRecord> = {}): StoredRecord => toStored(recordOf(record));

const file = { source: 'file', location: 'policy.yml' } as const;

/** One observation of every kind. */
export const oneOfEach: { readonly [Kind in ObservationKind]: ObservationOf<Kind> } = {
  decision_made: {
    kind: 'decision_made',
    server: 'orders',
    effect: 'deny',
    reason: 'tool_denied',
    tool: 'secret_tool',
  },
  shadow_denied: {
    ...{ kind: 'shadow_denied', server: 'orders', reason: 'rate_limited', rule: 'per-minute', tool: 'secret_tool' },
  },
  stage_timed: { kind: 'stage_timed', stage: 'judge', seconds: 0.000_2 },
  store_health_seen: { kind: 'store_health_seen', store: 'counters', ok: false, why: 'ECONNREFUSED' },
  limit_bypassed: { kind: 'limit_bypassed', server: 'orders', rule: 'per-minute' },
  snapshot_loaded: { kind: 'snapshot_loaded', ...file, revision: 'r7', at: noon },
  snapshot_confirmed: { kind: 'snapshot_confirmed', ...file, at: noon },
  snapshot_seen: { kind: 'snapshot_seen', ...file, confirmedAt: noon },
  snapshot_refused: { kind: 'snapshot_refused', ...file, issues: ['rules[0].id: is missing'] },
  snapshot_unavailable: { kind: 'snapshot_unavailable', ...file, why: 'ENOENT' },
  record_written: { kind: 'record_written', record: storedOf() },
  record_failed: { kind: 'record_failed', server: 'orders', why: 'the queue is full' },
  record_queue_seen: { kind: 'record_queue_seen', records: 3, bytes: 900 },
  spool_committed: { kind: 'spool_committed', seconds: 0.000_4 },
  spool_seen: { kind: 'spool_seen', bytes: 4_096, waitingRecords: 3, openIntents: 1, oldestWaitingSeconds: 2.5 },
  spool_unrecorded: { kind: 'spool_unrecorded' },
  spool_unsettled: { kind: 'spool_unsettled', calls: 2 },
  spool_damaged: { kind: 'spool_damaged', segment: 'gw-1-x.wal', bytes: 700 },
  spool_noted: { kind: 'spool_noted', level: 'warn', note: 'sent again after a restart' },
  events_shipped: {
    kind: 'events_shipped',
    accepted: 7,
    duplicate: 2,
    quarantined: [{ id: '0195515b-0000-7000-8000-000000000001', reason: 'unknown tenant' }],
  },
  event_set_aside: {
    kind: 'event_set_aside',
    id: '0195515b-0000-7000-8000-000000000001',
    sequence: 9,
    reason: 'HTTP 400',
  },
  shipping_failed: { kind: 'shipping_failed', cause: 'refused', why: 'HTTP 401' },
  guard_refused: { kind: 'guard_refused', server: 'orders', why: 'no_verdict' },
  list_withheld: { kind: 'list_withheld', server: 'orders', why: 'not JSON' },
  opa_answered: { kind: 'opa_answered', server: 'orders', result: 'failed', why: 'deadline of 50 ms passed' },
  pins_listed: { kind: 'pins_listed', server: 'orders', ok: false, why: 'ECONNREFUSED' },
  pin_changed: { kind: 'pin_changed', server: 'orders', tool: 'secret_tool', state: 'changed' },
  event_table_seen: { kind: 'event_table_seen', size: 5 },
};

export const everyObservation: readonly Observation[] = Object.values(oneOfEach);
