import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/host/guard-protocol.ts';
import { verdictText } from '../../src/host/verdict-text.ts';
import { players } from './testing/players.ts';
import { requestId, verdictFor, type Scenario, type ScenarioResult } from './testing/scenario.ts';

const toldVerdict = (fields: object = {}): string => verdictText(verdictFor({ ...fields }) as unknown as Verdict);

const options = { max_body_bytes: 100, groups: false, token: false };

describe.each(players)('facts(), on $name', ({ isPresent, play }) => {
  const collect = (request: Scenario['request'], more: Partial<Scenario> = {}) =>
    play([{ facts: options, ...(request === undefined ? {} : { request }), ...more, access: false }])[0]?.facts;

  it.skipIf(!isPresent)('holds everything of an authenticated request in one answer', () => {
    const request = {
      uri: '/mcp/%2e%2e//x?a=1?b',
      headers: { host: 'a.example', accept: ['application/json', 'text/event-stream'], 'x-empty': '' },
      contentLength: '5',
      body: 'hällo'.slice(0, 4),
      consumer: { id: 'c-1', username: 'alice', custom_id: 'u-7', tags: ['tenant:acme', 'app:web'], created_at: 1 },
      credential: { id: 'k-1', key: 'secret', consumer: { id: 'c-1' } },
    };
    expect(collect(request)).toEqual({
      v: 6,
      covered: true,
      request_id: requestId,
      started_at: 1_700_000_000_500,
      method: 'POST',
      path: '/mcp/%2e%2e//x',
      query: 'a=1?b',
      headers: { host: 'a.example', accept: ['application/json', 'text/event-stream'], 'x-empty': '' },
      body: Buffer.from('häll').toString('base64'),
      consumer: { id: 'c-1', username: 'alice', custom_id: 'u-7', tags: ['tenant:acme', 'app:web'] },
      credential_id: 'k-1',
    });
  });

  it.skipIf(!isPresent)('leaves out what an anonymous request without query or service lacks', () => {
    const facts = collect({ consumer: null, service: null, method: 'GET' });
    expect(facts).toMatchObject({ body: '', path: '/mcp', headers: [] });
    for (const name of [
      'consumer',
      'credential_id',
      'groups',
      'groups_error',
      'query',
      'token',
      'body_error',
      'headers_truncated',
    ])
      expect(facts).not.toHaveProperty(name);
  });

  const bodies: readonly (readonly [string, Scenario['request'], object])[] = [
    [
      '100 bytes are within a limit of 100',
      { body: 'x'.repeat(100) },
      { body: Buffer.from('x'.repeat(100)).toString('base64') },
    ],
    ['101 bytes read are too large', { body: 'x'.repeat(101) }, { body_error: 'too_large' }],
    [
      'an announced length of 101 is too large and nothing is read',
      { contentLength: '101', bodyRaises: true },
      { body_error: 'too_large' },
    ],
    [
      'a body in a file over the limit is too large',
      { bodyError: 'request body file too big: 101 > 100' },
      { body_error: 'too_large' },
    ],
    [
      'a file that cannot be opened is unreadable',
      { bodyError: 'failed to open cached request body' },
      { body_error: 'unreadable' },
    ],
    ['a body that Kong refuses to read is unreadable', { bodyRaises: true }, { body_error: 'unreadable' }],
  ];

  it.skipIf(!isPresent).each(bodies)('body: %s', (_title, request, expected) => {
    const { body, body_error } = collect(request) ?? {};
    expect({ ...(body === undefined ? {} : { body }), ...(body_error === undefined ? {} : { body_error }) }).toEqual(
      expected,
    );
  });

  it.skipIf(!isPresent)('999 headers are all of them; 1,000, or fewer cut by Kong, are truncated', () => {
    const headers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, 'v']));
    expect(collect({ headers: headers(999) })?.headers_truncated).toBeUndefined();
    expect(collect({ headers: headers(1_000) })?.headers_truncated).toBe(true);
    expect(collect({ headers: { 'x-many': Array.from({ length: 1_000 }, () => 'v') } })?.headers_truncated).toBe(true);
    expect(collect({ headersTruncated: true })?.headers_truncated).toBe(true);
  });

  it.skipIf(!isPresent)('groups come from the ACL cache: when asked for, or when the request claims some', () => {
    const asked = { facts: { ...options, groups: true } };
    const claims = { headers: { 'x-consumer-groups': 'admin' } };
    expect(collect({ groups: ['gold', 'mcp'] }, asked)?.groups).toEqual(['gold', 'mcp']);
    expect(collect({ groups: ['gold'], ...claims })?.groups).toEqual(['gold']);
    expect(collect(claims)?.groups).toEqual([]);
    expect(collect({ groups: ['gold'] })).not.toHaveProperty('groups');
    expect(collect({ groups: ['gold'], consumer: null, ...claims }, asked)).not.toHaveProperty('groups');
  });

  it.skipIf(!isPresent)(
    'groups that the ACL cache could not say are none that were asked for, and Kong’s log says why',
    () => {
      const asked = { ...options, groups: true };
      const result = play([{ facts: asked, request: { groups: 'database is away' }, access: false }])[0];
      expect(result?.facts).not.toHaveProperty('groups');
      expect(result?.errors.join()).toContain('database is away');
    },
  );

  it.skipIf(!isPresent)('the token is the one that the jwt plugin verified, only when asked for', () => {
    const shared = { authenticated_jwt_token: 'a.b.c' };
    const asked = { ...options, token: true };
    expect(collect({}, { shared, facts: asked })?.token).toBe('a.b.c');
    expect(collect({}, { shared })).not.toHaveProperty('token');
    expect(collect({}, { facts: asked })).not.toHaveProperty('token');
    expect(collect({}, { shared: { authenticated_jwt_token: ['a', 'b'] }, facts: asked })).not.toHaveProperty('token');
  });

  const scopes: readonly (readonly [string, Scenario['configs'], boolean])[] = [
    ['nowhere', null, false],
    ['globally', [{}], true],
    ['on this route', [{ route_id: 'other' }, { route_id: 'route-1' }], true],
    ['on another route', [{ route_id: 'other' }], false],
    ['on this service', [{ service_id: 'service-1' }], true],
    ['on another service', [{ service_id: 'other' }], false],
    ['on this route with this service', [{ route_id: 'route-1', service_id: 'service-1' }], true],
    ['on this route with another service', [{ route_id: 'route-1', service_id: 'other' }], false],
    ['for one consumer on this route', [{ route_id: 'route-1', consumer_id: 'consumer-1' }], false],
    ['for one consumer globally', [{ consumer_id: 'consumer-1' }], false],
  ];

  it.skipIf(!isPresent).each(scopes)('enabled %s', (_title, configs, covered) => {
    expect(collect({}, { ...(configs === undefined ? {} : { configs }) })?.covered).toBe(covered);
  });

  it.skipIf(!isPresent)('answers nothing, and logs, when Kong raises', () => {
    const [result] = play([
      { facts: options, access: false, request: { headers: 7 as unknown as Record<string, string> } },
    ]);
    expect(result?.facts).toBeUndefined();
    expect(result?.errors.join()).toContain('could not collect the facts');
  });
});

describe.each(players)('access, on $name', ({ isPresent, play }) => {
  const playOne = (scenario: Scenario): ScenarioResult => {
    const [result] = play([scenario]);
    if (!result) throw new Error('nothing was played');
    return result;
  };
  const withVerdict = (fields: Readonly<Record<string, unknown>>, more: Scenario = {}) =>
    playOne({ context: { mcp_guard_verdict: verdictFor(fields) }, ...more });

  it.skipIf(!isPresent)('a verdict that fits passes and changes what it says', () => {
    const result = withVerdict({
      id: 7,
      clear_headers: ['apikey', 'mcp-name'],
      set_headers: { 'mcp-session-id': 'abc' },
      query: 'a=1',
    });
    expect(result.exit).toBeUndefined();
    expect(result.upstream).toEqual({
      cleared: ['apikey', 'mcp-name', 'accept-encoding'],
      set: { 'mcp-session-id': 'abc' },
      query: 'a=1',
    });
    expect(result.errors).toEqual([]);
  });

  it.skipIf(!isPresent)(
    'admit() leaves the verdict, which the guard then acts on, and ends the access phase for good',
    () => {
      const result = playOne({
        admit: { verdict: toldVerdict({ query: 'a=1' }), admission: '{}', isCollecting: true },
      });
      expect(result).toMatchObject({ hasLeft: true, upstream: { query: 'a=1' }, errors: [] });
      expect(result.exit).toBeUndefined();
    },
  );

  it.skipIf(!isPresent)(
    'admit() comes back where Kong does not collect access plugins: a yield would never end',
    () => {
      const result = playOne({
        admit: { verdict: toldVerdict(), admission: '{}', isCollecting: false },
      });
      expect(result).toMatchObject({ hasLeft: false, errors: [] });
      expect(result.exit).toBeUndefined();
    },
  );

  it.skipIf(!isPresent)('admit() does everything that the verdict says, to the letter', () => {
    const fields = {
      clear_headers: ['apikey', 'x-odd'],
      set_headers: { 'mcp-session-id': 'a b' },
      response_headers: { ratelimit: '"a";r=1;t=2, "b";r=3;t=4', 'ratelimit-limit': '10' },
      query: '',
    };
    const admit = { verdict: toldVerdict({ id: 'é"1', ...fields }), admission: '{}', isCollecting: true };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'é"1', result: { isError: true } });
    const result = playOne({ admit, response: { headers: { 'content-type': 'application/json' }, body } });
    expect(result).toMatchObject({
      upstream: { cleared: ['apikey', 'x-odd', 'accept-encoding'], set: fields.set_headers, query: '' },
      headers: fields.response_headers,
      isBuffered: false,
      outcome: { outcome: 'tool_error', admission: '{}' },
      errors: [],
    });
    expect(result.exit).toBeUndefined();
  });

  const whole = toldVerdict({ clear_headers: ['apikey'], response_headers: { a: 'b' } });
  it.skipIf(!isPresent).each([
    ['is cut', whole.slice(0, -1)],
    ['is cut before its headers', whole.split('\n').slice(0, 7).join('\n')],
    ['has a value too many', whole.replace('\nb\n', '\nb\nc\n')],
    ['has a value too few', whole.replace('\na\n', '\na:c\n')],
    ['does not say for whom', whole.replace(' mcp ', ' ')],
    ['is that of another version', toldVerdict({ v: 5 })],
    ['is JSON', JSON.stringify([requestId, verdictFor(), requestId])],
    ['is empty', ''],
  ])('admit() refuses a verdict that %s', (_, verdict) => {
    const result = playOne({ admit: { verdict, admission: '{}', isCollecting: true } });
    expect(result).toMatchObject({ exit: { status: 503 }, outcome: { why: 'no_verdict' } });
  });

  it.skipIf(!isPresent)('only filtered lists stay buffered; encodings are refused where an answer is wanted', () => {
    const flags = (fields: object) => {
      const { isBuffered, upstream } = withVerdict({ ...fields });
      return [isBuffered, upstream.cleared];
    };
    expect(flags({ filter: true, id: 1 })).toEqual([true, ['accept-encoding']]);
    expect(flags({ filter: true })).toEqual([true, ['accept-encoding']]);
    expect(flags({ filter: false, id: 1 })).toEqual([false, ['accept-encoding']]);
    expect(flags({ filter: false })).toEqual([false, []]);
    expect(flags({ kind: 'rest' })).toEqual([false, []]);
  });

  const verdict = verdictFor();
  const required = Object.keys(verdict).filter((name) => name !== 'set_headers');
  const without = (name: string) => Object.fromEntries(Object.entries(verdict).filter(([key]) => key !== name));
  const refusals: readonly (readonly [string, unknown, Scenario['request'], string])[] = [
    ['no verdict', undefined, {}, 'no_verdict'],
    ['true instead of a verdict', true, {}, 'no_verdict'],
    ['another protocol version', verdictFor({ v: 1 }), {}, 'no_verdict'],
    ...required.map((name) => [`a verdict without ${name}`, without(name), {}, 'no_verdict'] as const),
    ['an id that is a table', verdictFor({ id: [] }), {}, 'no_verdict'],
    ['a header value that Kong refuses', verdictFor({ set_headers: { a: 1 } }), {}, 'no_verdict'],
    ['another consumer', verdictFor({ consumer: 'consumer-2' }), {}, 'wrong_consumer'],
    ['nobody judged, somebody there', verdictFor({ consumer: '' }), {}, 'wrong_consumer'],
    ['somebody judged, nobody there', verdictFor(), { consumer: null }, 'wrong_consumer'],
    ['another route', verdictFor({ scope_id: 'route-2' }), {}, 'wrong_scope'],
    ['a route where there is none', verdictFor(), { route: null }, 'wrong_scope'],
    ['another service', verdictFor({ scope: 'service', scope_id: 'service-2' }), {}, 'wrong_scope'],
    ['a route id as a service', verdictFor({ scope: 'service', scope_id: 'route-1' }), {}, 'wrong_scope'],
    ['another consumer scope', verdictFor({ scope: 'consumer', scope_id: 'consumer-2' }), {}, 'wrong_scope'],
    ['an unknown scope', verdictFor({ scope: 'workspace' }), {}, 'wrong_scope'],
    ['another request', verdictFor({ request_id: 'other' }), {}, 'wrong_request'],
  ];

  it.skipIf(!isPresent).each(refusals)('503: %s', (_title, candidate, request, why) => {
    const context = candidate === undefined ? {} : { mcp_guard_verdict: candidate };
    const result = playOne({ context, ...(request === undefined ? {} : { request }) });
    expect(result.exit?.status).toBe(503);
    expect(JSON.parse(result.exit?.body ?? '')).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32603, message: 'Governance is unavailable: the request was refused. Retry later.' },
    });
    expect(result.headers['content-type']).toBe('application/json');
    expect(result.outcome).toMatchObject({ outcome: 'guard_refused', why, status: 503 });
    expect(result.outcome).not.toHaveProperty('upstream_status');
    expect(result.body).toBe(result.exit?.body);
  });

  it.skipIf(!isPresent)(
    'these scopes fit: route, service, consumer, global, and nobody on a route without auth',
    () => {
      const fitting = [
        withVerdict({}),
        withVerdict({ scope: 'service', scope_id: 'service-1' }),
        withVerdict({ scope: 'consumer', scope_id: 'consumer-1' }),
        withVerdict({ scope: 'global', scope_id: '' }),
        withVerdict({ consumer: '' }, { request: { consumer: null } }),
      ];
      expect(fitting.map((result) => result.exit)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    },
  );

  it.skipIf(!isPresent)('400 for an Upgrade, with or without a verdict, list or call', () => {
    const request = { headers: { upgrade: 'websocket' } };
    for (const context of [
      {},
      { mcp_guard_verdict: verdictFor() },
      { mcp_guard_verdict: verdictFor({ filter: true, id: 1 }) },
    ]) {
      const result = playOne({ context, request });
      expect(result.exit?.status).toBe(400);
      expect(result.outcome).toMatchObject({ outcome: 'guard_refused', why: 'upgrade' });
      expect(result.upstream.cleared).toEqual([]);
    }
    expect(
      playOne({ context: { mcp_guard_verdict: verdictFor() }, request: { headers: { upgrade: '' } } }).exit?.status,
    ).toBe(400);
  });

  it.skipIf(!isPresent)(
    'passes `Upgrade: h2c`, which Kong ignores and Java clients always send over plain HTTP',
    () => {
      const result = playOne({
        context: { mcp_guard_verdict: verdictFor() },
        request: { headers: { upgrade: 'h2c' } },
      });
      expect(result.exit).toBeUndefined();
    },
  );

  it.skipIf(!isPresent)('503 when Kong raises while the verdict is read', () => {
    const result = withVerdict({}, { raises: 'kong.request.get_header' });
    expect(result.exit?.status).toBe(503);
    expect(result.failure).toBeUndefined();
  });

  it.skipIf(!isPresent)(
    'a refusal leaves one line of JSON in the log, without query, headers or control characters',
    () => {
      const request = {
        uri: `/mcp\u0007/${'x'.repeat(600)}?apikey=alicekey`,
        headers: { apikey: 'alicekey', authorization: 'Bearer t' },
        method: 'GET',
      };
      const { errors } = playOne({ request });
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(/^[ -~]+$/);
      expect(errors[0]).not.toMatch(/alicekey|Bearer/);
      expect(JSON.parse(errors[0] ?? '')).toEqual({
        event: 'mcp_guard_refused',
        why: 'no_verdict',
        status: 503,
        request_id: requestId,
        started_at: 1_700_000_000_500,
        consumer: 'consumer-1',
        route: 'route-1',
        service: 'service-1',
        method: 'GET',
        path: `/mcp?/${'x'.repeat(506)}`,
      });
      expect(playOne({ request, config: { log_refusals: false } }).errors).toEqual([]);
    },
  );

  it.skipIf(!isPresent)('the admission of a refused verdict is kept, and absent when there was none', () => {
    expect(withVerdict({ request_id: 'other' }).outcome?.admission).toBe('{"server":"orders"}');
    expect(playOne({}).outcome).not.toHaveProperty('admission');
  });

  it.skipIf(!isPresent)('refuse() ends the request with what the plugin said, and the outcome is refused', () => {
    const result = playOne({ refuse: [200, '{"a":1}', { 'Content-Type': 'application/json' }, '{"decision":"deny"}'] });
    expect(result.exit).toEqual({ status: 200, body: '{"a":1}', headers: { 'Content-Type': 'application/json' } });
    expect(result.outcome).toMatchObject({
      outcome: 'refused',
      status: 200,
      admission: '{"decision":"deny"}',
      response_bytes: 7,
    });
    expect(result.outcome).not.toHaveProperty('why');
    expect(result.errors).toEqual([]);
  });

  it.skipIf(!isPresent)('an answer of another plugin before ours is not governed', () => {
    const result = playOne({
      access: false,
      request: { consumer: null },
      response: {
        source: 'exit',
        status: 401,
        upstreamStatus: null,
        body: '{"message":"No API key found in request"}',
      },
    });
    expect(result.outcome).toMatchObject({ outcome: 'none', why: 'not_governed', status: 401 });
    expect(result.outcome).not.toHaveProperty('consumer');
    expect(result.body).toBe('{"message":"No API key found in request"}');
  });
});
