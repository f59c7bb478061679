import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import sessionVectors from '../../src/domain/mcp/session-vectors.json' with { type: 'json' };
import { verifySession } from '../../src/domain/mcp/session-binding.ts';
import { playOnFengari } from './testing/fake-kong.ts';
import { players } from './testing/players.ts';
import { verdictFor, type Scenario } from './testing/scenario.ts';

type Response = NonNullable<Scenario['response']>;

const list = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"delete_order"}]}}';
const unavailable = 'Governance is unavailable';

describe.each(players)('filtered lists, on $name', ({ isPresent, play }) => {
  const playList = (response: Response, more: Scenario = {}) =>
    play([
      {
        context: { mcp_guard_verdict: verdictFor({ id: 1, filter: true }) },
        response: {
          headers: { 'content-type': 'application/json', 'content-length': '70', etag: '"1"' },
          body: list,
          ...response,
        },
        ...more,
      },
    ])[0];

  const blocked: readonly (readonly [string, Response, Scenario])[] = [
    ['the response phase never set its mark', {}, {}],
    ['the mark is set but the list was not replaced', {}, { sharedLater: { mcp_filtered: true } }],
    [
      'the mark is not exactly true',
      { source: 'exit', upstreamStatus: 200 },
      { sharedLater: { mcp_filtered: 'true' } },
    ],
    ['the list comes byte by byte', { cuts: 'bytes' }, {}],
    ['the list breaks off', { ends: false }, {}],
    ['the list is gzip', { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } }, {}],
    ['the server answers 500 in text', { status: 500, headers: { 'content-type': 'text/plain' } }, {}],
    ['the server answers 404', { status: 404 }, {}],
    ['another plugin ends the response phase', { source: 'exit', upstreamStatus: 200 }, {}],
    ['a later plugin answers in access with a list of its own', { source: 'exit', upstreamStatus: null }, {}],
    ['Kong raises while the response is read', {}, { raises: 'kong.response.get_source' }],
  ];

  it.skipIf(!isPresent).each(blocked)('502 and not one byte of the list when %s', (_title, response, more) => {
    const result = playList(response, more);
    expect(result?.status).toBe(502);
    expect(result?.body).toContain(unavailable);
    expect(result?.body).not.toMatch(/delete_order|tools/);
    expect(JSON.parse(result?.body ?? '')).toMatchObject({ error: { code: -32603 } });
    expect(result?.headers).toEqual({ 'content-type': 'application/json' });
    if (more.raises === undefined)
      expect(result?.outcome).toMatchObject({ outcome: 'unknown', why: 'blocked', status: 502 });
  });

  const passing: readonly (readonly [string, Response, Scenario, object])[] = [
    [
      'the response phase replaced the list',
      { source: 'exit', upstreamStatus: 200 },
      { sharedLater: { mcp_filtered: true } },
      { outcome: 'ok' },
    ],
    ['Kong itself answers 504', { source: 'error', status: 504 }, {}, { outcome: 'upstream_error', why: 'gateway' }],
    [
      'a later plugin answers in access',
      { source: 'exit', status: 403, upstreamStatus: null },
      {},
      { outcome: 'not_executed', why: 'gateway' },
    ],
  ];

  it.skipIf(!isPresent).each(passing)('passes unchanged when %s', (_title, response, more, expected) => {
    const result = playList(response, more);
    expect(result?.status).toBe(response.status ?? 200);
    expect(result?.body).toBe(list);
    expect(result?.headers).toHaveProperty('etag');
    expect(result?.outcome).toMatchObject(expected);
  });

  it.skipIf(!isPresent)('a refusal in the response phase is shown, and recorded as blocked', () => {
    const refuse = [502, '{"error":"unreadable list"}', { 'content-type': 'application/json' }, '{"decision":"allow"}'];
    const result = playList({ upstreamStatus: 200 }, { buffered: { body: list, refuse } });
    expect(result?.status).toBe(502);
    expect(result?.body).toBe('{"error":"unreadable list"}');
    expect(result?.outcome).toMatchObject({ outcome: 'unknown', why: 'blocked', upstream_status: 200 });
  });

  it.skipIf(!isPresent)('a call that is not a list passes without any mark', () => {
    const [result] = play([
      {
        context: { mcp_guard_verdict: verdictFor({ id: 1 }) },
        response: { headers: { 'content-type': 'application/json' }, body: list },
      },
    ]);
    expect(result?.status).toBe(200);
    expect(result?.body).toBe(list);
  });

  it.skipIf(!isPresent)('buffered() answers status, type, encoding and body in base64', () => {
    const result = playList(
      { headers: { 'content-type': 'text/event-stream', 'content-encoding': 'br' } },
      { buffered: { body: 'dätä' } },
    );
    expect(result?.bufferedAnswer).toEqual({
      status: 200,
      content_type: 'text/event-stream',
      content_encoding: 'br',
      body: Buffer.from('dätä').toString('base64'),
      admission: '{"server":"orders"}',
    });
  });

  it.skipIf(!isPresent)(
    'buffered() answers nothing, and logs, when Kong raises or the list has more than 8 MiB',
    () => {
      const raising = playList({}, { buffered: { body: list }, raises: 'kong.service.response.get_raw_body' });
      const large = playList({}, { buffered: { body: 'x'.repeat(8 * 1024 * 1024 + 1) } });
      for (const result of [raising, large]) {
        expect(result?.bufferedAnswer).toBeUndefined();
        expect(result?.errors[0]).toContain('could not read the buffered answer');
        expect(result?.status).toBe(502);
      }
    },
  );
});

describe.each(players)('session ids, on $name', ({ isPresent, play }) => {
  const headersAfter = (fields: object, response: Response) =>
    play([{ context: { mcp_guard_verdict: verdictFor({ id: 1, ...fields }) }, response }])[0]?.headers;

  const cases: readonly (readonly [string, object, Response, unknown])[] = [
    ['two ids', { session_key: 'k' }, { headers: { 'mcp-session-id': ['a', 'b'] } }, undefined],
    ['an empty id', { session_key: 'k' }, { headers: { 'mcp-session-id': '' } }, undefined],
    ['an id with a space', { session_key: 'k' }, { headers: { 'mcp-session-id': 'a b' } }, undefined],
    ['an id outside ASCII', { session_key: 'k' }, { headers: { 'mcp-session-id': 'é' } }, undefined],
    ['an id of 997 bytes', { session_key: 'k' }, { headers: { 'mcp-session-id': 'x'.repeat(997) } }, undefined],
    ['an id on a 404', { session_key: 'k' }, { status: 404, headers: { 'mcp-session-id': 'a' } }, undefined],
    ['an id without a key', {}, { headers: { 'mcp-session-id': 'a' } }, 'a'],
    ['no id', { session_key: 'k' }, { headers: {} }, undefined],
  ];

  it.skipIf(!isPresent).each(cases)('%s', (_title, fields, response, expected) => {
    expect(headersAfter(fields, response)?.['mcp-session-id']).toBe(expected);
  });

  it.skipIf(!isPresent)('an id is signed on a filtered list, and on an answer without a body', () => {
    const headers = { 'mcp-session-id': 'a' };
    const [filtered, empty] = play([
      {
        context: { mcp_guard_verdict: verdictFor({ id: 1, filter: true, session_key: 'k' }) },
        sharedLater: { mcp_filtered: true },
        response: { source: 'exit', upstreamStatus: 200, headers },
      },
      { context: { mcp_guard_verdict: verdictFor({ session_key: 'k' }) }, response: { status: 202, headers } },
    ]);
    for (const result of [filtered, empty]) expect(result?.headers['mcp-session-id']).toMatch(/^a\.[A-Za-z0-9_-]+$/);
  });
});

describe('session tags', () => {
  const sign = (pairs: readonly (readonly [string, string])[]) =>
    playOnFengari(
      pairs.map(([key, id]) => ({
        context: { mcp_guard_verdict: verdictFor({ session_key: key }) },
        response: { headers: { 'mcp-session-id': id } },
      })),
    ).map((result) => result.headers['mcp-session-id']);

  it('agree with the vectors that the plugin verifies', () => {
    const { vectors } = sessionVectors;
    expect(vectors.length).toBeGreaterThan(0);
    expect(sign(vectors.map(({ sessionKey, upstreamId }) => [sessionKey, upstreamId]))).toEqual(
      vectors.map(({ clientId }) => clientId),
    );
  });

  it('are base64url of HMAC-SHA1 of the id under the key, without padding', () => {
    const pairs: readonly (readonly [string, string])[] = [
      ['schlüssel', '!~'],
      ['k', 'x'.repeat(996)],
      // enough of them to meet the characters that base64url replaces
      ...Array.from({ length: 20 }, (_, n) => ['k', `id-${n}`] as const),
    ];
    const expected = pairs.map(([key, id]) => `${id}.${createHmac('sha1', key).update(id).digest('base64url')}`);
    expect(expected.join('')).toMatch(/[-_]/);
    expect(sign(pairs)).toEqual(expected);
  });

  it('of the longest id the guard signs is one that the plugin takes back: 1,024 bytes', () => {
    const [signed] = sign([['k', 'x'.repeat(996)]]);
    expect(signed).toHaveLength(1_024);
    expect(verifySession(signed as string, 'k')).toEqual({ bound: true, upstreamId: 'x'.repeat(996) });
  });
});
