import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { buildRecord, type CallFacts } from './build-record.ts';
import { EVENT_ID_PATTERN, MAX_EVENT_BYTES, nodeIdOf, toInvocationEvent } from './invocation-event.ts';

const facts: CallFacts = {
  outcome: 'ok',
  request_id: 'f0e1d2c3',
  started_at: Date.UTC(2026, 2, 1, 12),
  client_ip: '127.0.0.1',
  method: 'POST',
  path: '/mcp',
  status: 200,
  request_bytes: 120,
  response_bytes: 80,
  latency: { total: 7 },
};
const position = { nodeId: 'gw-1.example', epoch: '019cacafe0000badcafe', sequence: 42 };

describe('an invocation event', () => {
  it('is a CloudEvent that carries the record, its node, epoch and sequence', () => {
    const record = buildRecord(facts, undefined);
    expect(toInvocationEvent(record, position)).toEqual({
      specversion: '1.0',
      id: record.id,
      source: 'urn:mcp-governance:node:gw-1.example',
      type: 'io.mcp-governance.invocation.v1',
      time: '2026-03-01T12:00:00.000Z',
      datacontenttype: 'application/json',
      nodeepoch: '019cacafe0000badcafe',
      nodesequence: 42,
      data: record,
    });
  });

  it('names its attributes as CloudEvents 1.0 asks: lower-case letters and digits, 20 at most', () => {
    const names = Object.keys(toInvocationEvent(buildRecord(facts, undefined), position));
    expect(names.filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
  });

  it('has the id pattern of every record', () => {
    for (const started_at of [0, 1, Date.UTC(2026, 2, 1), 2 ** 48 - 1, Number.NaN])
      expect(buildRecord({ ...facts, started_at }, undefined).id).toMatch(EVENT_ID_PATTERN);
  });

  it('stays below 17,408 bytes with the longest record and node', () => {
    const longest = buildRecord(
      { ...facts, why: 'x' },
      {
        server: 'orders',
        kind: 'tool',
        method: 'tools/call',
        decision: 'allow',
        arguments: 'x'.repeat(15_500),
      },
    );
    const event = toInvocationEvent(longest, { ...position, nodeId: 'n'.repeat(128), sequence: 2 ** 53 - 1 });
    expect(Buffer.byteLength(JSON.stringify(longest))).toBeGreaterThan(15_500);
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(MAX_EVENT_BYTES);
  });

  it.each([
    ['urn:mcp-governance:node:gw-1', 'gw-1'],
    ['urn:mcp-governance:node:', undefined],
    ['urn:mcp-governance:node:a b', undefined],
    ['urn:mcp-governance:node:../x', undefined],
    ['gw-1', undefined],
  ])('the source %j is of the node %j', (source, nodeId) => {
    expect(nodeIdOf(source)).toBe(nodeId);
  });
});
