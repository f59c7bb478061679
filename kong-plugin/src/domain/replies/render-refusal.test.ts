import { describe, expect, it } from 'vitest';
import type { Call, ToolCall } from '../call.ts';
import { reasons, type Reason } from '../reason.ts';
import type { Refusal } from '../refusal.ts';
import { replyForms } from './reply-forms.ts';
import { renderRefusal, type ReplyContext } from './render-refusal.ts';

const options = { deniedTool: 'unknown_tool' } as const;
const mcp: ReplyContext = { kind: 'mcp', options };
const rest: ReplyContext = { kind: 'rest', options };
const toolCall = (name: string): ToolCall => ({
  kind: 'tool',
  method: 'tools/call',
  name,
  arguments: {},
  isRetry: false,
});

const refusal = (reason: Reason, rest: Partial<Refusal> = {}): Refusal => ({
  reason,
  detail: 'The detail.',
  id: 7,
  era: 'legacy',
  ...rest,
});
interface WireBody {
  readonly id: unknown;
  readonly status?: number;
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly data?: Readonly<Record<string, unknown>>;
  };
}
const bodyOf = (body: string): WireBody => JSON.parse(body) as WireBody;

describe('JSON-RPC errors with a known id', () => {
  it.each<[Reason, [number, number], [number, number]]>([
    ['method_not_allowed', [405, -32600], [405, -32600]],
    ['unsupported_media_type', [415, -32600], [415, -32600]],
    ['unsupported_encoding', [415, -32600], [415, -32600]],
    ['not_acceptable', [406, -32600], [406, -32600]],
    ['too_large', [413, -32600], [413, -32600]],
    ['too_many_headers', [431, -32600], [431, -32600]],
    ['invalid_encoding', [400, -32700], [400, -32700]],
    ['invalid_json', [400, -32700], [400, -32700]],
    ['too_deep', [400, -32600], [400, -32600]],
    ['duplicate_key', [400, -32600], [400, -32600]],
    ['lookalike_key', [400, -32600], [400, -32600]],
    ['batch_refused', [400, -32600], [400, -32600]],
    ['invalid_message', [400, -32600], [400, -32600]],
    ['notification_call', [400, -32600], [400, -32600]],
    ['invalid_name', [200, -32602], [200, -32602]],
    ['header_mismatch', [400, -32020], [400, -32020]],
    ['ambiguous_header', [400, -32600], [400, -32020]],
    ['unsupported_version', [400, -32000], [400, -32022]],
    ['invalid_parameters', [400, -32602], [400, -32602]],
    ['upgrade_refused', [400, -32600], [400, -32600]],
    ['resume_refused', [405, -32600], [405, -32600]],
    ['unauthenticated', [401, 401], [401, 401]],
    ['invalid_token', [401, 401], [401, 401]],
    ['insufficient_scope', [403, 403], [403, 403]],
    ['origin_refused', [403, 403], [403, 403]],
    ['host_refused', [403, 403], [403, 403]],
    ['tool_denied', [200, -32602], [200, -32602]],
    ['prompt_denied', [200, -32602], [200, -32602]],
    ['resource_denied', [200, -32002], [200, -32602]],
    ['completion_denied', [200, -32602], [200, -32602]],
    ['task_denied', [200, -32602], [200, -32602]],
    ['session_denied', [404, -32001], [404, -32001]],
    ['method_denied', [200, -32601], [404, -32601]],
    ['operation_denied', [403, 403], [403, 403]],
    ['unknown_operation', [404, -32601], [404, -32601]],
    ['subscription_inactive', [200, 403], [200, 403]],
    ['arguments_denied', [200, 403], [200, 403]],
    ['policy_denied', [200, 403], [200, 403]],
    ['tool_quarantined', [200, -32602], [200, -32602]],
    ['rate_limited', [429, 429], [429, 429]],
    ['quota_exhausted', [429, 429], [429, 429]],
    ['concurrency_limited', [429, 429], [429, 429]],
    ['repeat_refused', [429, 429], [429, 429]],
    ['counter_unavailable', [503, -32603], [503, -32603]],
    ['governance_unavailable', [503, -32603], [503, -32603]],
  ])('%s is %j in the legacy era and %j in the modern one', (reason, legacy, modern) => {
    for (const [era, expected] of [
      ['legacy', legacy],
      ['modern', modern],
    ] as const) {
      const reply = renderRefusal(refusal(reason, { era }), mcp);
      expect([reply.status, bodyOf(reply.body).error.code]).toEqual(expected);
      expect(reply.headers['content-type']).toBe('application/json');
      expect(bodyOf(reply.body).id).toBe(reason === 'session_denied' ? null : 7);
    }
  });

  it.each([7, 0, -1, '7', '', 'ü'])('echoes the id %j with its type', (id) => {
    expect(bodyOf(renderRefusal(refusal('tool_denied', { id }), mcp).body).id).toBe(id);
  });

  it('uses no code of the range that the specification reserves, other than its own', () => {
    const codes = reasons.flatMap((reason) => [replyForms[reason].legacy.code, replyForms[reason].modern.code]);
    const reserved = codes.filter((code) => code >= -32099 && code <= -32020);
    expect(new Set(reserved)).toEqual(new Set([-32020, -32022]));
    expect(
      reasons.filter((reason) => replyForms[reason].modern.code > -32020 && replyForms[reason].modern.code < 0),
    ).toEqual(['session_denied']);
  });
});

describe('without a known id', () => {
  it.each(reasons)('%s is an HTTP 4xx or 503 with a null id, never 2xx', (reason) => {
    for (const id of [null, undefined]) {
      const base = { reason, detail: 'd' };
      for (const deniedTool of ['unknown_tool', 'tool_error', 'forbidden'] as const) {
        const reply = renderRefusal(id === undefined ? base : { ...base, id }, {
          kind: 'mcp',
          options: { deniedTool },
        });
        expect(reply.status).toBeGreaterThanOrEqual(400);
        expect(bodyOf(reply.body)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: expect.any(Number) } });
        expect(reply.body).not.toContain('"result"');
      }
    }
  });

  it.each<[Call['kind'], string, Reason, number, string | undefined]>([
    ['stream', 'GET', 'method_denied', 405, 'POST, DELETE'],
    ['stream', 'GET', 'resume_refused', 405, 'GET, POST, DELETE'],
    ['session_end', 'DELETE', 'method_denied', 405, 'GET, POST, DELETE'],
    ['session_end', 'DELETE', 'session_denied', 404, undefined],
    ['notification', 'notifications/initialized', 'method_denied', 404, undefined],
    ['response', 'response', 'session_denied', 404, undefined],
  ])('a %s (%s) refused as %s is %i, Allow: %s', (kind, method, reason, status, allow) => {
    const call = { kind, method } as Call;
    const reply = renderRefusal({ reason, detail: 'd', era: 'legacy' }, { ...mcp, call });
    expect([reply.status, reply.headers['allow']]).toEqual([status, allow]);
  });
});

describe('the words of hidden things', () => {
  it('is byte for byte what the specification gives for an unknown tool, without a reason header', () => {
    const reply = renderRefusal(refusal('tool_denied', { data: { rule: 'secret-rule' } }), {
      ...mcp,
      call: toolCall('delete_order'),
    });
    expect(reply).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: '{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Unknown tool: delete_order"}}',
    });
  });

  it('takes the name from the refusal when there is no call', () => {
    expect(renderRefusal(refusal('tool_denied', { subject: 'x' }), mcp).body).toContain('"Unknown tool: x"');
  });

  it.each<[Reason, Call | undefined, 'legacy' | 'modern', object]>([
    [
      'prompt_denied',
      { kind: 'prompt', method: 'prompts/get', name: 'p', arguments: {} },
      'modern',
      { code: -32602, message: 'Unknown prompt: p' },
    ],
    [
      'resource_denied',
      { kind: 'resource', method: 'resources/read', uri: 'file:///a' },
      'legacy',
      { code: -32002, message: 'Resource not found', data: { uri: 'file:///a' } },
    ],
    [
      'resource_denied',
      { kind: 'resource', method: 'resources/read', uri: 'file:///a' },
      'modern',
      { code: -32602, message: 'Resource not found', data: { uri: 'file:///a' } },
    ],
    [
      'resource_denied',
      { kind: 'listen', method: 'subscriptions/listen', resourceUris: ['file:///a'], taskIds: [] },
      'modern',
      { code: -32602, message: 'Resource not found' },
    ],
    [
      'completion_denied',
      { kind: 'completion', method: 'completion/complete', reference: { kind: 'prompt', name: 'p' } },
      'legacy',
      { code: -32602, message: 'Unknown prompt: p' },
    ],
    [
      'completion_denied',
      { kind: 'completion', method: 'completion/complete', reference: { kind: 'resource', uri: 'u' } },
      'legacy',
      { code: -32602, message: 'Resource not found' },
    ],
    [
      'task_denied',
      { kind: 'task', method: 'tasks/get', taskId: 't-1' },
      'legacy',
      { code: -32602, message: 'Task not found' },
    ],
    ['session_denied', undefined, 'legacy', { code: -32001, message: 'Session not found' }],
  ])('%s of %j (%s) is %j', (reason, call, era, error) => {
    const reply = renderRefusal(refusal(reason, { era, data: { rule: 'hidden' } }), {
      ...mcp,
      ...(call === undefined ? {} : { call }),
    });
    expect(bodyOf(reply.body).error).toEqual(error);
    expect(reply.headers).not.toHaveProperty('x-mcp-governance-reason');
    expect(reply.body).not.toContain('The detail');
  });

  it.each(reasons)('%s tells its reason in header and data unless it hides a thing', (reason) => {
    const isHidden = [
      'tool_denied',
      'tool_quarantined',
      'prompt_denied',
      'resource_denied',
      'completion_denied',
      'task_denied',
      'session_denied',
    ].includes(reason);
    const reply = renderRefusal(refusal(reason), mcp);
    expect(reply.headers['x-mcp-governance-reason']).toBe(isHidden ? undefined : reason);
    expect(bodyOf(reply.body).error.data?.['reason']).toBe(isHidden ? undefined : reason);
  });
});

describe('a denied tool as the operator chooses', () => {
  const call = toolCall('delete_order');
  it('tool_error is a complete result with isError and the reason header', () => {
    const reply = renderRefusal(refusal('tool_denied', { era: 'modern' }), {
      kind: 'mcp',
      call,
      options: { deniedTool: 'tool_error' },
    });
    expect(reply.status).toBe(200);
    expect(reply.headers['x-mcp-governance-reason']).toBe('tool_denied');
    expect(bodyOf(reply.body)).toEqual({
      jsonrpc: '2.0',
      id: 7,
      result: { content: [{ type: 'text', text: 'The detail.' }], isError: true, resultType: 'complete' },
    });
  });

  it('forbidden is HTTP 403 with the detail', () => {
    const reply = renderRefusal(refusal('tool_denied'), { kind: 'mcp', call, options: { deniedTool: 'forbidden' } });
    expect(reply.status).toBe(403);
    expect(bodyOf(reply.body).error).toEqual({ code: 403, message: 'The detail.', data: { reason: 'tool_denied' } });
  });

  it.each(['tool_error', 'forbidden'] as const)('%s does not show prompts', (deniedTool) => {
    const reply = renderRefusal(refusal('prompt_denied'), { kind: 'mcp', options: { deniedTool } });
    expect(reply.headers).not.toHaveProperty('x-mcp-governance-reason');
    expect(reply.status).toBe(200);
  });
});

describe('protocol versions', () => {
  const data = { supported: ['2025-11-25', '2026-07-28'], requested: '1999-01-01' };
  it('names the requested version in the legacy era as SDK servers do', () => {
    expect(bodyOf(renderRefusal(refusal('unsupported_version', { data }), mcp).body).error).toEqual({
      code: -32000,
      message: 'Bad Request: Unsupported protocol version: 1999-01-01',
      data: { ...data, reason: 'unsupported_version' },
    });
  });

  it('gives -32022 with supported and requested in the modern era', () => {
    expect(
      bodyOf(renderRefusal(refusal('unsupported_version', { era: 'modern', data }), mcp).body).error,
    ).toMatchObject({
      code: -32022,
      message: 'Unsupported protocol version: 1999-01-01',
      data,
    });
  });
});

describe('challenges', () => {
  const challenge = 'Bearer resource_metadata="https://gw/.well-known/oauth-protected-resource/mcp", scope="mcp"';
  it.each<[Reason, string | undefined, string | undefined]>([
    ['unauthenticated', challenge, challenge],
    ['unauthenticated', undefined, 'Key'],
    ['invalid_token', challenge, `${challenge}, error="invalid_token"`],
    ['invalid_token', undefined, 'Bearer error="invalid_token"'],
    ['invalid_token', 'Bearer error="invalid_token", scope="a"', 'Bearer error="invalid_token", scope="a"'],
    ['insufficient_scope', challenge, `${challenge}, error="insufficient_scope"`],
    ['insufficient_scope', undefined, 'Bearer error="insufficient_scope"'],
    ['unauthenticated', 'Bearer realm="a\r\nset-cookie: x=é"', 'Bearer realm="aset-cookie: x="'],
    ['tool_denied', challenge, undefined],
    ['origin_refused', challenge, undefined],
    ['governance_unavailable', challenge, undefined],
  ])('%s with %j gives WWW-Authenticate %j', (reason, configured, expected) => {
    for (const context of [mcp, rest]) {
      const reply = renderRefusal(refusal(reason), {
        ...context,
        ...(configured === undefined ? {} : { challenge: configured }),
      });
      expect(reply.headers['www-authenticate']).toBe(expected);
    }
  });
});

describe('Allow', () => {
  it.each<[Partial<Refusal>, ReplyContext, string | undefined]>([
    [{ era: 'modern' }, mcp, 'POST'],
    [{ era: 'legacy' }, mcp, 'GET, POST, DELETE'],
    [{ data: { allow: 'POST, DELETE' } }, mcp, 'POST, DELETE'],
    [{ data: { allow: 'POST\r\nx: y' } }, mcp, 'GET, POST, DELETE'],
    [{ data: { allow: 'GET, PUT' }, era: 'rest' }, rest, 'GET, PUT'],
    [{ era: 'rest' }, rest, undefined],
  ])('of %j', (partial, context, allow) => {
    expect(renderRefusal(refusal('method_not_allowed', partial), context).headers['allow']).toBe(allow);
  });

  it('comes with 405 only', () => {
    const with405 = reasons.filter((reason) => 'allow' in renderRefusal(refusal(reason), mcp).headers);
    expect(with405).toEqual(['method_not_allowed', 'resume_refused']);
  });
});

describe('what is never echoed', () => {
  it('cuts a name after 128 characters and drops control, bidirectional and zero-width characters', () => {
    const name = `a\u0000\u001b[31m\u202e\u200b\n${'x'.repeat(1_000_000)}`;
    const reply = renderRefusal(refusal('tool_denied'), { ...mcp, call: toolCall(name) });
    expect(bodyOf(reply.body).error.message).toBe(`Unknown tool: a[31m${'x'.repeat(123)}…`);
  });

  it('keeps a name of exactly 128 characters whole', () => {
    const reply = renderRefusal(refusal('tool_denied'), { ...mcp, call: toolCall('n'.repeat(128)) });
    expect(bodyOf(reply.body).error.message).toBe(`Unknown tool: ${'n'.repeat(128)}`);
  });

  it.each([mcp, rest])('bounds detail and data (case %#)', (context) => {
    const deep = { a: { b: { c: { d: 1 } } } };
    const data = {
      text: 'x'.repeat(100_000),
      list: Array.from({ length: 1_000 }, () => 'y'.repeat(1_000)),
      deep,
      f: () => 1,
      big: 1n,
      nan: NaN,
      ...Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, index])),
    };
    const reply = renderRefusal(refusal('invalid_message', { detail: 'z'.repeat(100_000), data }), context);
    expect(reply.body.length).toBeLessThan(6_000);
    expect(reply.body).not.toContain('"c"');
  });

  it.each(reasons)('%s with 1 MB of name, detail and data stays under 6,000 characters in every form', (reason) => {
    const long = 'é'.repeat(1_000_000);
    const call: Call = { kind: 'resource', method: 'resources/read', uri: long };
    for (const kind of ['mcp', 'rest'] as const) {
      const reply = renderRefusal(
        refusal(reason, { detail: long, subject: long, data: { requested: long, [long]: long } }),
        { kind, call, options },
      );
      expect(reply.body.length).toBeLessThan(6_000);
      expect(Object.values(reply.headers).join('').length).toBeLessThan(500);
    }
  });
});

describe('REST', () => {
  it.each<[Reason, number]>([
    ['unauthenticated', 401],
    ['operation_denied', 403],
    ['unknown_operation', 404],
    ['invalid_json', 400],
    ['too_large', 413],
    ['governance_unavailable', 503],
    ['tool_denied', 404],
  ])('%s is %i with a problem document that repeats the status', (reason, status) => {
    const reply = renderRefusal(refusal(reason, { era: 'rest' }), rest);
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(bodyOf(reply.body).status).toBe(status);
  });

  it('names type, title, detail, reason and the data of the refusal, which cannot replace them', () => {
    const reply = renderRefusal(
      refusal('operation_denied', { data: { operation: 'getUser', status: 200, reason: 'x' } }),
      rest,
    );
    expect(bodyOf(reply.body)).toEqual({
      operation: 'getUser',
      type: 'urn:mcp-governance:reason:operation_denied',
      title: 'Operation not allowed',
      status: 403,
      detail: 'The detail.',
      reason: 'operation_denied',
    });
    expect(reply.headers['x-mcp-governance-reason']).toBe('operation_denied');
  });
});
