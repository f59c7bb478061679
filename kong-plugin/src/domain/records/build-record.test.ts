import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Call, Message } from '../call.ts';
import type { Caller } from '../caller.ts';
import type { Decision } from '../decision.ts';
import { argumentsDigest } from './arguments-digest.ts';
import * as admissions from './build-admission.ts';
import type { AdmissionFacts } from './build-admission.ts';
import * as records from './build-record.ts';
import type { CallFacts } from './build-record.ts';
import type { InvocationRecord } from './invocation-record.ts';
import { recordId } from './record-id.ts';
import { createRedactor, defaultRedactKeys } from './redact.ts';
import { telemetryAttributes } from './telemetry-attributes.ts';

/** As it travels and as it is stored: as JSON, which leaves out what is undefined. */
const asJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;
const buildAdmission: typeof admissions.buildAdmission = (...given) => asJson(admissions.buildAdmission(...given));
const buildRecord: typeof records.buildRecord = (...given) => asJson(records.buildRecord(...given));

const redact = createRedactor({
  arguments: 'redacted',
  redactKeys: defaultRedactKeys,
  redactPaths: ['$.customer.iban'],
});
const options = { arguments: 'redacted', redact } as const;
const card = '4111 1111 1111 1111';

const call: Call = {
  kind: 'tool',
  method: 'tools/call',
  name: 'create_invoice',
  arguments: { amount: 10, password: 'hunter2', note: `card ${card}`, order: 'order 1712345678' },
  isRetry: false,
};
const message: Message = {
  call,
  era: 'legacy',
  id: 7,
  protocolVersion: '2025-11-25',
  sessionId: 'session-1',
  isResumed: false,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  client: { name: 'demo', version: '1.0' },
  headersToStrip: [],
};
const caller: Caller = {
  consumerId: '5a0c',
  consumer: 'acme-support',
  tags: [],
  groups: [],
  tenant: 'acme',
  application: 'support',
  user: 'ann',
  scopes: [],
};
const allow: Decision = { effect: 'allow', policy: 'tool-access', rule: 'acme-support' };
const deny: Decision = {
  effect: 'deny',
  policy: 'tool-access',
  rule: 'no-deletes',
  reason: 'tool_denied',
  detail: 'Not allowed.',
};
const known: AdmissionFacts = {
  server: 'billing',
  httpMethod: 'POST',
  message,
  caller,
  decision: allow,
  credentialId: 'cred-1',
  userAgent: 'agent/1',
};
const facts: CallFacts = {
  outcome: 'ok',
  request_id: 'a1b2',
  started_at: Date.UTC(2026, 10, 23, 14, 0, 0, 123),
  client_ip: '192.0.2.1',
  method: 'POST',
  path: '/billing/mcp',
  status: 200,
  upstream_status: 200,
  request_bytes: 900,
  response_bytes: 2_301,
  latency: { kong: 2, upstream: 39, total: 41 },
  consumer: '5a0c',
  route_id: 'r',
  service_id: 's',
};
const withCall = (other: Call): AdmissionFacts => ({ ...known, message: { ...message, call: other } });

describe('the admission of an allowed call', () => {
  it('holds who, what, by which rule, redacted arguments and their digest', () => {
    expect(buildAdmission(known, options)).toEqual({
      server: 'billing',
      kind: 'tool',
      method: 'tools/call',
      tool: 'create_invoice',
      decision: 'allow',
      policy: 'tool-access',
      rule: 'acme-support',
      tenant: 'acme',
      application: 'support',
      user: 'ann',
      consumer: 'acme-support',
      consumerId: '5a0c',
      credentialId: 'cred-1',
      arguments: { amount: 10, password: '[redacted]', note: 'card [redacted]', order: 'order 1712345678' },
      argumentsSha256: argumentsDigest(call.kind === 'tool' ? call.arguments : {}),
      jsonRpcId: 7,
      protocolVersion: '2025-11-25',
      session: createHash('sha256').update('session-1').digest('hex').slice(0, 16),
      traceId: '0af7651916cd43dd8448eb211c80319c',
      client: { name: 'demo', version: '1.0' },
      userAgent: 'agent/1',
    });
  });

  it('holds the digest alone when arguments are hashed, and never the session id', () => {
    const admission = buildAdmission(known, { arguments: 'hash', redact });
    expect(admission).not.toHaveProperty('arguments');
    expect(admission.argumentsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(admission)).not.toContain('session-1');
  });

  it.each<[Call, object]>([
    [{ kind: 'prompt', method: 'prompts/get', name: 'p', arguments: {} }, { prompt: 'p' }],
    [{ kind: 'resource', method: 'resources/read', uri: 'file:///a' }, { resource: 'file:///a' }],
    [
      { kind: 'listen', method: 'subscriptions/listen', resourceUris: ['a:1', 'b:2'], taskIds: [] },
      { resource: 'a:1 b:2' },
    ],
    [{ kind: 'completion', method: 'completion/complete', reference: { kind: 'prompt', name: 'p' } }, { prompt: 'p' }],
    [
      { kind: 'completion', method: 'completion/complete', reference: { kind: 'resource', uri: 'u' } },
      { resource: 'u' },
    ],
    [{ kind: 'task', method: 'tasks/get', taskId: 't' }, { taskId: 't' }],
    [
      { kind: 'operation', method: 'GET', name: 'getUser', template: '/users/{id}', arguments: {} },
      { tool: 'getUser', path: '/users/{id}' },
    ],
  ])('names the subject of %j', (other, expected) => {
    expect(buildAdmission(withCall(other), options)).toMatchObject({
      ...expected,
      kind: other.kind,
      method: other.method,
    });
  });

  it.each<Call>([
    { kind: 'task', method: 'tasks/list' },
    { kind: 'lifecycle', method: 'initialize' },
    { kind: 'list', method: 'tools/list', itemKind: 'tool' },
    { kind: 'stream', method: 'GET' },
  ])('has neither subject nor arguments for %j', (other) => {
    const admission = buildAdmission(withCall(other), options);
    for (const field of ['tool', 'prompt', 'resource', 'subject', 'taskId', 'arguments', 'argumentsSha256'])
      expect(admission).not.toHaveProperty(field);
  });
});

describe('the admission of a refused call', () => {
  it('names the policy, rule, reason and detail of the denial', () => {
    const refusal = { reason: 'tool_denied', detail: 'Not allowed.' } as const;
    expect(buildAdmission({ ...known, decision: deny, refusal }, options)).toMatchObject({
      decision: 'deny',
      policy: 'tool-access',
      rule: 'no-deletes',
      reason: 'tool_denied',
      detail: 'Not allowed.',
    });
  });

  it('that could not be read keeps what the refusal knows', () => {
    const refusal = { reason: 'duplicate_key', detail: 'Twice.', id: 'x', subject: 'delete_order' } as const;
    expect(buildAdmission({ server: 'billing', httpMethod: 'POST', refusal }, options)).toEqual({
      server: 'billing',
      kind: 'unread',
      method: 'POST',
      subject: 'delete_order',
      decision: 'deny',
      policy: 'request',
      rule: 'request:duplicate_key',
      reason: 'duplicate_key',
      detail: 'Twice.',
      jsonRpcId: 'x',
    });
  });

  it('is a deny when a refusal follows an allowing decision, and when nothing decided', () => {
    const refusal = { reason: 'governance_unavailable', detail: 'd' } as const;
    expect(buildAdmission({ ...known, refusal }, options)).toMatchObject({
      decision: 'deny',
      reason: 'governance_unavailable',
    });
    const { decision: _decision, ...undecided } = known;
    expect(buildAdmission(undecided, options)).toMatchObject({ decision: 'deny', reason: 'governance_unavailable' });
  });
});

describe('texts from outside', () => {
  it.each([card, '4111\u200b1111\u200b1111\u200b1111', '4111-1111-1111-1111', 'sk_live_abc'])(
    'hide %j wherever it stands',
    (secret) => {
      const refusal = { reason: 'tool_denied', detail: `No ${secret}.`, subject: secret } as const;
      const other: Message = {
        ...message,
        id: secret,
        call: { ...call, name: `t ${secret}` },
        client: { name: secret, version: secret },
      };
      for (const given of [
        { ...known, message: other, userAgent: secret, refusal, decision: deny },
        { ...known, message: other, userAgent: secret },
      ]) {
        const admission = buildAdmission(given, options);
        const record = JSON.stringify(buildRecord({ ...facts, path: `/x/${encodeURIComponent(secret)}` }, admission));
        expect(record).not.toMatch(/4111|sk_live|%20|%E2/);
      }
      const unread = buildAdmission({ server: 's', httpMethod: 'POST', refusal }, options);
      expect(JSON.stringify(unread)).not.toMatch(/4111|sk_live/);
    },
  );

  it('leave a numeric id out when it is a card number', () => {
    expect(buildAdmission({ ...known, message: { ...message, id: 4111111111111111 } }, options)).not.toHaveProperty(
      'requestId',
    );
  });

  it('keep a path with broken percent-encoding as it is', () => {
    expect(buildRecord({ ...facts, path: '/a/%E0%A4%A' }, undefined).path).toBe('/a/%E0%A4%A');
    expect(buildRecord({ ...facts, path: '/a%20b/%FF/4111%201111%201111%201111' }, undefined).path).toBe(
      '/a b/%FF/[redacted]',
    );
  });

  it('record a REST operation under its template, not its path', () => {
    const other: Call = {
      kind: 'operation',
      method: 'GET',
      name: 'getUser',
      template: '/users/{pin}',
      arguments: { path: { pin: '1234' } },
    };
    const record = buildRecord(
      { ...facts, method: 'GET', path: '/users/1234' },
      buildAdmission(withCall(other), options),
    );
    expect(record).toMatchObject({ tool: 'getUser', path: '/users/{pin}', arguments: { path: { pin: '[redacted]' } } });
    expect(JSON.stringify(record)).not.toContain('1234"');
  });

  it('of 1 MB everywhere, in Chinese, give a record under 16 KiB', () => {
    const long = '界'.repeat(1_000_000);
    const other: Message = {
      ...message,
      id: long,
      protocolVersion: long,
      sessionId: long,
      client: { name: long, version: long },
      call: {
        kind: 'tool',
        method: 'tools/call',
        name: long,
        arguments: Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k${n}`, long])),
        isRetry: false,
      },
    };
    const { traceparent: _none, ...traceless } = other;
    const { scopes, tags, groups } = caller;
    const everyone = {
      scopes,
      tags,
      groups,
      tenant: long,
      application: long,
      user: long,
      consumer: long,
      consumerId: '5a0c',
    };
    const decision = { ...deny, detail: long, rule: long };
    const admission = buildAdmission(
      { ...known, message: traceless, caller: everyone, decision, userAgent: long },
      options,
    );
    const record = buildRecord({ ...facts, path: long, task_id: long }, admission);
    expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(16_384);
    expect(record.argumentsSha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a record', () => {
  it('joins admission and outcome', () => {
    const record = buildRecord(facts, buildAdmission(known, options));
    expect(record).toMatchObject({
      occurredAt: '2026-11-23T14:00:00.123Z',
      server: 'billing',
      kind: 'tool',
      tool: 'create_invoice',
      decision: 'allow',
      outcome: 'ok',
      status: 200,
      upstreamStatus: 200,
      latencyMs: { kong: 2, upstream: 39, total: 41 },
      requestBytes: 900,
      responseBytes: 2_301,
      jsonRpcId: 7,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      httpMethod: 'POST',
      path: '/billing/mcp',
      kongRequestId: 'a1b2',
      clientIp: '192.0.2.1',
      routeId: 'r',
      serviceId: 's',
    });
    for (const field of ['subject', 'prompt', 'resource', 'errorCode', 'taskId'])
      expect(record).not.toHaveProperty(field);
  });

  it('is made from what the guard says, as it says it', () => {
    const outcome: CallFacts & { readonly v: number } = {
      ...facts,
      v: 6,
      outcome: 'task',
      task_id: 't-1',
      code: -32603,
      why: 'incomplete',
    };
    expect(buildRecord(outcome, buildAdmission(known, options))).toMatchObject({
      outcome: 'task',
      taskId: 't-1',
      errorCode: -32603,
      outcomeWhy: 'incomplete',
    });
  });

  it('of a task call names the task that was asked for', () => {
    const record = buildRecord(
      facts,
      buildAdmission(withCall({ kind: 'task', method: 'tasks/get', taskId: 't-9' }), options),
    );
    expect(record.taskId).toBe('t-9');
  });

  it('of an unread request keeps its subject as such', () => {
    const refusal = { reason: 'duplicate_key', detail: 'd', subject: 'delete_order' } as const;
    const record = buildRecord(facts, buildAdmission({ server: 's', httpMethod: 'POST', refusal }, options));
    expect(record).toMatchObject({ kind: 'unread', subject: 'delete_order', reason: 'duplicate_key' });
    expect(record).not.toHaveProperty('tool');
  });

  it('without an admission is a deny of an unread request', () => {
    const record = buildRecord({ ...facts, outcome: 'guard_refused', why: 'no_verdict', status: 503 }, undefined, {
      server: 'billing',
    });
    expect(record).toMatchObject({
      server: 'billing',
      kind: 'unread',
      method: 'POST',
      decision: 'deny',
      reason: 'governance_unavailable',
      policy: 'guard',
      rule: 'guard:no_verdict',
      consumerId: '5a0c',
      status: 503,
      outcome: 'guard_refused',
    });
    expect(buildRecord({ ...facts, outcome: 'unknown' }, undefined)).toMatchObject({
      server: 'unknown',
      decision: 'deny',
      rule: 'guard:no_admission',
    });
  });

  it.each([
    [401, 'guard:not_governed', 'unauthenticated'],
    [403, 'guard:not_governed', undefined],
    [503, 'guard:no_admission', 'governance_unavailable'],
  ])('of a request that another plugin answered with %i is a deny by %s', (status, rule, reason) => {
    const record = buildRecord({ ...facts, outcome: 'none', why: 'not_governed', status }, undefined);
    expect(record).toMatchObject({ decision: 'deny', rule, outcome: 'none', outcomeWhy: 'not_governed' });
    expect(record.reason).toBe(reason);
  });

  it.each([
    ['wrong_scope', 'governance_unavailable'],
    ['wrong_request', 'governance_unavailable'],
    ['upgrade', 'upgrade_refused'],
  ])('that the guard refused (%s) is a deny for %s although the plugin had allowed the call', (why, reason) => {
    const record = buildRecord({ ...facts, outcome: 'guard_refused', why }, buildAdmission(known, options));
    expect(record).toMatchObject({
      decision: 'deny',
      reason,
      rule: `guard:${why}`,
      tool: 'create_invoice',
      tenant: 'acme',
    });
  });

  it('that the guard refused for the wrong consumer names the one who called, not the one who was judged', () => {
    const record = buildRecord(
      { ...facts, outcome: 'guard_refused', why: 'wrong_consumer', consumer: 'other' },
      buildAdmission(known, options),
    );
    expect(record.consumerId).toBe('other');
    for (const field of ['tenant', 'application', 'user', 'consumer', 'credentialId'])
      expect(record).not.toHaveProperty(field);
  });

  it.each([NaN, -1, Infinity, 2 ** 48])('of a start time of %d is still made', (started_at) => {
    expect(buildRecord({ ...facts, started_at }, undefined).occurredAt).toBe('1970-01-01T00:00:00.000Z');
  });

  it.each([
    '',
    'x',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  ])('has no trace id from %j', (traceparent) => {
    expect(
      buildRecord(facts, buildAdmission({ ...known, message: { ...message, traceparent } }, options)),
    ).not.toHaveProperty('traceId');
  });
});

describe('a record as it is stored', () => {
  const jsonOf = (admission: AdmissionFacts | undefined, changes: Partial<CallFacts> = {}): readonly unknown[] => {
    const [ended, context] = [{ ...facts, ...changes }, { server: 'billing' }];
    const admitted = admission === undefined ? undefined : admissions.buildAdmission(admission, options);
    const isApart = admitted?.path === undefined && admitted?.taskId === undefined;
    const carried = admitted === undefined ? undefined : { json: JSON.stringify(admitted), isApart };
    const stored = records.storedRecord(ended, carried, context);
    const record = buildRecord(ended, admitted, context);
    const { id, occurredAt, server, outcome } = record;
    expect(stored).toMatchObject({ id, occurredAt, server, outcome });
    return [JSON.parse(stored.json), record];
  };
  const rest: Call = { kind: 'operation', method: 'GET', name: 'getUser', template: '/users/{id}', arguments: {} };
  const long = withCall({ ...call, arguments: { text: '界'.repeat(8_000) } });

  it.each<readonly [string, AdmissionFacts | undefined, Partial<CallFacts>]>([
    ['of an allowed call', known, {}],
    ['of a call that became a task', known, { outcome: 'task', task_id: 'a"b\n' }],
    ['of a task call', withCall({ kind: 'task', method: 'tasks/get', taskId: 't-9' }), {}],
    [
      'of a task call that became another task',
      withCall({ kind: 'task', method: 'tasks/get', taskId: 't' }),
      { task_id: 'u' },
    ],
    ['of a REST operation', withCall(rest), { path: '/users/7' }],
    ['that the guard refused', known, { outcome: 'guard_refused', why: 'wrong_consumer', consumer: 'other' }],
    ['of a call whose arguments are long', long, {}],
    ['of what nobody judged', undefined, { outcome: 'guard_refused', why: 'no_verdict', status: 503 }],
    [
      'of a request that says little',
      withCall({ kind: 'lifecycle', method: 'ping' }),
      { client_ip: '', why: 'incomplete' },
    ],
  ])('%s is the record, with no field twice', (_, admission, changes) => {
    const [stored, record] = jsonOf(admission, changes);
    expect(stored).toEqual(record);
  });

  it('has each field once', () => {
    const admitted = admissions.buildAdmission(known, options);
    const { json } = records.storedRecord(
      facts,
      { json: JSON.stringify(admitted), isApart: true },
      { server: 'billing' },
    );
    expect(JSON.stringify(JSON.parse(json))).toBe(json);
  });
});

describe('the id', () => {
  it('is the same for every attempt, and has the milliseconds, version 7 and variant 10', () => {
    const id = recordId({ startedAt: 0x0123456789ab, requestId: 'a1b2' });
    expect(id).toBe(recordId({ startedAt: 0x0123456789ab, requestId: 'a1b2' }));
    expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('differs for 10,000 requests of one millisecond, and sorts by time', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => recordId({ startedAt: 1, requestId: String(index) }));
    expect(new Set(ids).size).toBe(10_000);
    expect(ids.every((id) => id < recordId({ startedAt: 2, requestId: '0' }))).toBe(true);
  });

  it('takes the fraction of a start time for nothing', () => {
    expect(buildRecord({ ...facts, started_at: 1_000.75 }, undefined).id).toBe(
      buildRecord({ ...facts, started_at: 1_000 }, undefined).id,
    );
  });
});

describe('the digest of arguments', () => {
  it('is SHA-256 of the canonical JSON: key order and number spelling do not matter, values do', () => {
    expect(argumentsDigest({ b: 1.0, a: 'x' })).toBe(createHash('sha256').update('{"a":"x","b":1}').digest('hex'));
    expect(argumentsDigest({ a: 'x', b: 1 })).toBe(argumentsDigest({ b: 1, a: 'x' }));
    expect(argumentsDigest({ a: 'x', b: 2 })).not.toBe(argumentsDigest({ a: 'x', b: 1 }));
  });
});

describe('telemetry attributes', () => {
  const recordOf = (outcome: Partial<CallFacts> = {}, given: AdmissionFacts = known): InvocationRecord =>
    buildRecord({ ...facts, ...outcome }, buildAdmission(given, options));
  it('use the names of the OpenTelemetry conventions for MCP', () => {
    expect(telemetryAttributes(recordOf({ outcome: 'rpc_error', code: -32602 }))).toMatchObject({
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'create_invoice',
      'gen_ai.operation.name': 'execute_tool',
      'mcp.protocol.version': '2025-11-25',
      'jsonrpc.request.id': '7',
      'rpc.response.status_code': '-32602',
      'error.type': '-32602',
      'mcp_governance.decision': 'allow',
      'mcp_governance.tenant': 'acme',
      'http.response.status_code': 200,
    });
  });

  it.each<[Partial<CallFacts>, AdmissionFacts, string | undefined]>([
    [{}, known, undefined],
    [{ outcome: 'tool_error' }, known, 'tool_error'],
    [{ outcome: 'upstream_error', status: 502 }, known, '502'],
    [{ outcome: 'refused' }, { ...known, decision: deny }, 'tool_denied'],
  ])('of %j have the right error type', (outcome, given, expected) => {
    expect(telemetryAttributes(recordOf(outcome, given))['error.type']).toBe(expected);
  });

  it('hold no undefined value and no arguments', () => {
    const attributes = telemetryAttributes(recordOf());
    expect(Object.values(attributes).filter((value) => typeof value !== 'string' && typeof value !== 'number')).toEqual(
      [],
    );
    expect(JSON.stringify(attributes)).not.toContain('1712345678');
  });

  it('of a REST operation are not called MCP', () => {
    const attributes = telemetryAttributes(
      recordOf(
        {},
        withCall({ kind: 'operation', method: 'GET', name: 'getUser', template: '/users/{id}', arguments: {} }),
      ),
    );
    expect(Object.keys(attributes).filter((name) => /^(mcp|gen_ai|jsonrpc)\./.test(name))).toEqual([]);
    expect(attributes['mcp_governance.operation']).toBe('getUser');
  });
});
