import { describe, expect, it } from 'vitest';
import {
  EVENT_ID,
  EVENT_TYPE,
  outcomes as ledgerOutcomes,
  readInvocationEvent,
  SOURCE_PREFIX,
} from '../billing/src/domain/invocations/read-invocation-event.ts';
import {
  EVENT_ID_PATTERN,
  INVOCATION_EVENT_TYPE,
  NODE_SOURCE_PREFIX,
  NOT_SETTLED,
  toInvocationEvent,
} from '../kong-plugin/src/domain/records/invocation-event.ts';
import { buildRecord } from '../kong-plugin/src/domain/records/build-record.ts';
import type { InvocationRecord } from '../kong-plugin/src/domain/records/invocation-record.ts';
import { outcomes } from '../kong-plugin/src/host/guard-protocol.ts';
import { createEpoch } from '../kong-plugin/src/spool/node-identity.ts';
import { testRecord, unsettled } from '../kong-plugin/src/spool/testing/records.ts';

const position = { nodeId: 'gw-1', epoch: createEpoch(Date.UTC(2026, 10, 25)), sequence: 1 };

const problemOf = (record: InvocationRecord): unknown => {
  const event: unknown = JSON.parse(JSON.stringify(toInvocationEvent(record, position)));
  const read = readInvocationEvent({ value: event, record: JSON.stringify(record) });
  return read.ok ? undefined : read.error;
};

const facts = {
  ...{ request_id: 'a', started_at: Date.UTC(2026, 10, 25), client_ip: '', method: 'POST', path: '/mcp' },
  ...{ request_bytes: 0, response_bytes: 0, latency: { total: 0 } },
};

describe('what the gateway sends and what the ledger takes', () => {
  it('have the same names', () => {
    expect([EVENT_TYPE, SOURCE_PREFIX, EVENT_ID.source]).toEqual([
      INVOCATION_EVENT_TYPE,
      NODE_SOURCE_PREFIX,
      EVENT_ID_PATTERN.source,
    ]);
    expect(new Set(ledgerOutcomes)).toEqual(new Set(outcomes));
    expect(ledgerOutcomes).toContain(NOT_SETTLED.outcome);
  });

  it.each(outcomes)('a record with the outcome %s is taken', (outcome) => {
    expect(problemOf(testRecord(1, { outcome }))).toBeUndefined();
  });

  it.each([
    ['of a call that was never settled', unsettled(1)],
    [
      'of a request that nobody judged',
      buildRecord({ ...facts, outcome: 'guard_refused', why: 'no_verdict', status: 503 }, undefined),
    ],
    [
      'of a 401 before anybody was asked',
      buildRecord({ ...facts, outcome: 'none', why: 'not_governed', status: 401 }, undefined),
    ],
    ['that is as long as one can be', testRecord(1, { arguments: { text: 'x'.repeat(15_000) } })],
  ])('a record %s is taken', (_, record) => {
    expect(problemOf(record)).toBeUndefined();
  });

  it('another node, or an id that is not of the record, is not', () => {
    expect(problemOf(testRecord(1, { id: 'x' }))).toBeDefined();
  });
});
