import { describe, expect, it } from 'vitest';
import { carriedText } from './carried.ts';
import { buildRecord, type CallFacts } from './build-record.ts';
import type { Admission } from './invocation-record.ts';
import { parseKongLogLine, readKongLogLine } from './read-kong-log.ts';

/** As mcp-guard writes it (lua/kong/plugins/mcp-guard/record.lua); test/failures/kong-log.test.ts has lines of the real one. */
const outcome: CallFacts & { readonly v: number } = {
  v: 6,
  outcome: 'ok',
  request_id: '5f8a3c0d9b7e4f61a2b3c4d5e6f70819',
  started_at: 1_764_072_000_123,
  client_ip: '10.0.0.7',
  method: 'POST',
  path: '/mcp/orders',
  status: 200,
  upstream_status: 200,
  request_bytes: 120,
  response_bytes: 80,
  latency: { kong: 1, upstream: 2, total: 4 },
  consumer: 'consumer-1',
  route_id: 'route-1',
};
const admission: Admission = {
  server: 'orders',
  kind: 'tool',
  method: 'tools/call',
  tool: 'search_orders',
  decision: 'allow',
  tenant: 'acme',
};
const position = { nodeId: 'gw-1', epoch: '019cacafe0000badcafe', sequence: 41 };

const lineOf = (mcp: unknown): string =>
  JSON.stringify({
    request: { id: '5f8a3c0d9b7e4f61a2b3c4d5e6f70819', headers: { apikey: 'secret' } },
    latencies: { request: 4 },
    ...(mcp === undefined ? {} : { mcp }),
  });

describe("a line of Kong's own log", () => {
  it('gives the record that the log phase would have made, with its id and position', () => {
    const carried = { admission, position, taken: undefined, owner: 'o', list: undefined };
    const line = lineOf({ ...outcome, admission: carriedText('5f8a', carried) });
    const expected = buildRecord(outcome, admission);
    expect(parseKongLogLine(line)).toEqual({ ok: true, value: expected });
    expect(readKongLogLine(line)).toEqual({ ok: true, value: { record: expected, position } });
    expect(expected).toMatchObject({ tool: 'search_orders', tenant: 'acme', outcome: 'ok' });
  });

  const earlier = {
    ...{ server: 'orders', kind: 'tool', method: 'tools/call', decision: 'allow', tenant: 'acme', requestBytes: 120 },
    requestId: 7,
  };
  it.each([
    [
      'version 3',
      JSON.stringify({ admission: { ...earlier, subject: 'a', subjectKind: 'tool' }, position }),
      { tool: 'a' },
    ],
    [
      'version 5',
      JSON.stringify(['x', { admission: { ...earlier, subject: 'u', subjectKind: 'resource' }, position }, 'x']),
      { resource: 'u' },
    ],
    [
      'a task',
      JSON.stringify({ admission: { ...earlier, subject: 't', subjectKind: 'task' }, position }),
      { taskId: 't' },
    ],
    ['an unread request', JSON.stringify({ admission: { ...earlier, subject: 's' }, position }), { subject: 's' }],
    [
      'a template',
      JSON.stringify({ admission: { ...earlier, pathTemplate: '/users/{id}' }, position }),
      { path: '/users/{id}' },
    ],
    [
      'a trace',
      JSON.stringify({
        admission: { ...earlier, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
        position,
      }),
      { traceId: '0af7651916cd43dd8448eb211c80319c' },
    ],
  ])('of an earlier version is read as well: %s', (_, text, expected) => {
    const read = readKongLogLine(lineOf({ ...outcome, admission: text }));
    expect(read).toMatchObject({
      ok: true,
      value: { record: { ...expected, jsonRpcId: 7, requestBytes: 120 }, position },
    });
    if (!read.ok) throw new Error('unreadable');
    for (const name of ['subjectKind', 'pathTemplate', 'traceparent', 'requestId'])
      expect(read.value.record).not.toHaveProperty(name);
  });

  it('of a request that nobody judged gives its refusal', () => {
    const refused = { ...outcome, outcome: 'guard_refused', why: 'no_verdict', status: 503 };
    const read = parseKongLogLine(lineOf(refused), { server: 'orders' });
    expect(read).toMatchObject({ ok: true, value: { server: 'orders', decision: 'deny', rule: 'guard:no_verdict' } });
  });

  it.each([
    ['a route without mcp-guard', lineOf(undefined), { kind: 'not_governed' }],
    [
      'a CORS preflight',
      lineOf({ ...outcome, outcome: 'none', why: 'not_governed', status: 204 }),
      { kind: 'not_governed' },
    ],
    ['a guard with log_records: false', lineOf({ outcome: 'ok' }), { kind: 'not_logged' }],
  ])('of %s gives none', (_, line, error) => {
    expect(parseKongLogLine(line)).toEqual({ ok: false, error });
  });

  it.each([
    ['', 'is not a JSON object'],
    ['{"request":{"id":', 'is not a JSON object'],
    ['[]', 'is not a JSON object'],
    [lineOf({ ...outcome, request_id: 7 }), 'mcp.request_id: is missing or of another type'],
    [lineOf({ ...outcome, started_at: 'yesterday' }), 'mcp.started_at: is missing or of another type'],
    [lineOf({ ...outcome, latency: [] }), 'mcp.latency.total: is no number'],
    [lineOf({ ...outcome, admission: '{"half' }), 'mcp.admission: is no admission'],
    [lineOf({ ...outcome, admission: '{"admission":{}}' }), 'mcp.admission: lacks what was decided'],
  ])('%# that is broken is told with its place', (line, why) => {
    expect(parseKongLogLine(line)).toEqual({ ok: false, error: { kind: 'unreadable', why } });
  });
});
