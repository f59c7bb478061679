import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  INVOCATION_EVENT_TYPE,
  MAX_EVENT_BYTES,
  NODE_SOURCE_PREFIX,
} from '../../../../kong-plugin/src/domain/records/invocation-event.ts';
import { buildRecord } from '../../../../kong-plugin/src/domain/records/build-record.ts';
import { toInvocationEvent } from '../../../../kong-plugin/src/domain/records/invocation-event.ts';
import { newEvent } from '../../ledger/testing/events.ts';
import { EVENT_TYPE, outcomes, readInvocationEvent, SOURCE_PREFIX } from './read-invocation-event.ts';

const event = newEvent({ sequence: 9, occurredAt: '2028-02-29T23:59:59.999Z' });
const read = (value: unknown) => {
  const data = (value as { data?: unknown } | undefined)?.data;
  return readInvocationEvent({ value, record: JSON.stringify(data) ?? '' });
};
const withData = (fields: object): unknown => ({ ...event, data: { ...event.data, ...fields } });
const without = (object: object, name: string): object =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));

describe('an invocation event', () => {
  it('of the plugin becomes a row', () => {
    expect(read(event)).toEqual({
      ok: true,
      value: {
        ...{
          id: event.id,
          occurredAt: '2028-02-29T23:59:59.999Z',
          tenant: 'acme',
          application: 'support',
          user: 'ann',
        },
        ...{ consumer: 'acme-support', server: 'orders', tool: 'create_invoice', kind: 'tool', method: 'tools/call' },
        ...{ decision: 'allow', outcome: 'ok', reason: undefined, rule: 'acme-support', policy: 'tool-access' },
        ...{
          policyRevision: undefined,
          plan: undefined,
          status: 200,
          upstreamStatus: 200,
          latencyMs: 40,
          upstreamMs: 35,
        },
        ...{ requestBytes: 800, responseBytes: 2_000, argumentsSha256: event.data.argumentsSha256, traceId: undefined },
        ...{ nodeId: 'gw-1', nodeEpoch: '019cacafe0000badcafe', nodeSequence: 9 },
        contentSha256: createHash('sha256').update(JSON.stringify(event.data)).digest('hex'),
        record: JSON.stringify(event.data),
      },
    });
  });

  it('has the type and the source prefix that the plugin writes', () => {
    expect([EVENT_TYPE, SOURCE_PREFIX]).toEqual([INVOCATION_EVENT_TYPE, NODE_SOURCE_PREFIX]);
    expect(MAX_EVENT_BYTES).toBeLessThan(32_768);
  });

  it.each(outcomes)('with the outcome %s is read', (outcome) => {
    expect(read(withData({ outcome })).ok).toBe(true);
  });

  it('that the plugin built for a request that nobody judged is read', () => {
    const record = buildRecord(
      {
        ...{ outcome: 'none', why: 'not_governed', request_id: 'f0', started_at: Date.UTC(2026, 2, 1), client_ip: '' },
        ...{ method: 'GET', path: '/x', status: 401, request_bytes: 1, response_bytes: 2, latency: { total: 0.25 } },
      },
      undefined,
    );
    expect(read(toInvocationEvent(record, { nodeId: 'n', epoch: '0123456789abcdef0123', sequence: 1 }))).toMatchObject({
      ok: true,
      value: { tenant: '', application: '', tool: undefined, latencyMs: 0 },
    });
  });

  it('with a field of a newer version keeps it in the record', () => {
    expect(read(withData({ newField: { a: 1 } }))).toMatchObject({
      ok: true,
      value: { record: expect.stringContaining('"newField":{"a":1}') },
    });
  });

  it.each<[string, unknown]>([
    ['', 'text'],
    ['', null],
    ['', [event]],
    ['data', without(event, 'data')],
    ['data', { ...event, data: [] }],
    ['specversion', { ...event, specversion: '0.3' }],
    ['id', { ...event, id: event.id.toUpperCase() }],
    ['id', without(event, 'id')],
    ['source', { ...event, source: 'urn:other:node:gw-1' }],
    ['source', { ...event, source: `${SOURCE_PREFIX}../x` }],
    ['type', { ...event, type: 'io.mcp-governance.invocation.v2' }],
    ['time', { ...event, time: '2028-02-29T23:59:59Z' }],
    ['datacontenttype', { ...event, datacontenttype: 'text/plain' }],
    ['nodeepoch', { ...event, nodeepoch: '' }],
    ['nodesequence', { ...event, nodesequence: 0 }],
    ['nodesequence', { ...event, nodesequence: '9' }],
    ['nodesequence', { ...event, nodesequence: 2 ** 53 }],
    ['data.id', withData({ id: newEvent({ sequence: 8 }).id })],
    ['data.occurredAt', withData({ occurredAt: '2028-02-29T23:59:59.998Z' })],
    ['data.server', withData({ server: '' })],
    ['data.server', { ...event, data: without(event.data, 'server') }],
    ['data.tool', withData({ tool: 7 })],
    ['data.tool', withData({ tool: 'x'.repeat(1_025) })],
    ['data.tenant', withData({ tenant: 'a\u001fb' })],
    ['data.user', withData({ user: 'half \ud83d' })],
    ['data.decision', withData({ decision: 'maybe' })],
    ['data.outcome', withData({ outcome: 'OK' })],
    ['data.status', withData({ status: 200.5 })],
    ['data.status', withData({ status: 1000 })],
    ['data.latencyMs', withData({ latencyMs: { total: -1 } })],
    ['data.latencyMs', withData({ latencyMs: { total: 1, upstream: '1' } })],
    ['data.latencyMs', withData({ latencyMs: 12 })],
    ['data.requestBytes', withData({ requestBytes: -1 })],
    ['data.responseBytes', withData({ responseBytes: 2 ** 53 })],
    ['data.argumentsSha256', withData({ argumentsSha256: 'A'.repeat(64) })],
    ['data.shadow', withData({ shadow: ['a', 1] })],
    ['data.client', withData({ client: 'agent' })],
    ['data.client', withData({ client: { name: 1 } })],
    ['data.jsonRpcId', withData({ jsonRpcId: {} })],
    ['data.errorCode', withData({ errorCode: '-32000' })],
    ['data', withData({ arguments: 'x'.repeat(40_000) })],
  ])('names the field %j of %j', (path, value) => {
    expect(read(value)).toMatchObject({ ok: false, error: { path } });
  });

  it.each([
    ['2026-02-30T12:00:00.000Z', 'data.occurredAt'],
    ['2027-02-29T12:00:00.000Z', 'data.occurredAt'],
    ['2026-13-01T12:00:00.000Z', 'data.occurredAt'],
    ['2026-12-31T23:59:60.000Z', 'data.occurredAt'],
    ['2026-03-01T12:00:00.000Z', 'id'],
  ])('at %s is refused for %s: no such moment, or not that of its id', (time, path) => {
    expect(read({ ...event, time, data: { ...event.data, occurredAt: time } })).toMatchObject({
      ok: false,
      error: { path },
    });
  });

  it('takes letters beyond the first plane, and finds nothing of the prototype', () => {
    expect(read(withData({ user: '😀 ann', tenant: '界' })).ok).toBe(true);
    expect(read({ ...event, data: Object.create(event.data) as unknown }).ok).toBe(false);
  });

  it('never throws, whatever it is given (1,000 values)', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...Object.keys(event.data)), (value, field) => {
        expect(typeof read(value).ok).toBe('boolean');
        expect(typeof readInvocationEvent({ value: withData({ [field]: value }), record: '{}' }).ok).toBe('boolean');
      }),
      { numRuns: 1_000, seed: 7 },
    );
  });
});
