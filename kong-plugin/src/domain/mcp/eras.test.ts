import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../http-request.ts';
import type { McpOptions } from '../server-config.ts';
import { readMcpMessage } from './read-message.ts';
import { legacy, mcpOptions, modern, post, readOptions, VERSION_CLAIM, without } from './testing/mcp-requests.ts';

const read = (request: HttpRequest, mcp: Partial<McpOptions> = {}) =>
  readMcpMessage(request, { ...readOptions, mcp: { ...mcpOptions, ...mcp } });

const callOf = (request: HttpRequest) => {
  const result = read(request);
  return result.ok ? result.value.call : result.error;
};

const refusalOf = (request: HttpRequest) => {
  const result = read(request);
  return result.ok ? undefined : result.error;
};

const call = { name: 'search_orders', arguments: {} };
const modernHeader = { 'mcp-protocol-version': '2026-07-28' };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('headers that must agree with a modern body', () => {
  const request = modern('tools/call', call);

  it.each(['mcp-protocol-version', 'mcp-method', 'mcp-name'])('refuses a missing %s', (header) => {
    expect(refusalOf(without(request, header))).toMatchObject({ reason: 'header_mismatch', id: 7, era: 'modern' });
  });

  it.each([
    ['another version', { 'mcp-protocol-version': '2025-11-25' }],
    ['another method', { 'mcp-method': 'tools/list' }],
    ['the method in upper case', { 'mcp-method': 'TOOLS/CALL' }],
    ['the method as sentinel', { 'mcp-method': `=?base64?${base64('tools/call')}?=` }],
    ['another name', { 'mcp-name': 'delete_order' }],
    ['the name in another case', { 'mcp-name': 'Search_Orders' }],
    ['an empty name', { 'mcp-name': '' }],
    ['the name behind a non-breaking space', { 'mcp-name': '\u00a0search_orders' }],
    ['a sentinel of another name', { 'mcp-name': `=?base64?${base64('delete_order')}?=` }],
    ['a sentinel in upper case', { 'mcp-name': `=?BASE64?${base64('search_orders')}?=` }],
    ['a sentinel without its end', { 'mcp-name': `=?base64?${base64('search_orders')}` }],
    ['a sentinel without padding', { 'mcp-name': `=?base64?${base64('search_orders').replace(/=+$/, '')}?=` }],
    ['a sentinel with foreign characters', { 'mcp-name': '=?base64?c2Vh!!cmNo?=' }],
    ['a sentinel that overlaps itself', { 'mcp-name': '=?base64?=' }],
  ])('refuses %s', (_title, headers) => {
    expect(refusalOf(modern('tools/call', call, headers))?.reason).toBe('header_mismatch');
  });

  it.each([
    ['blanks and tabs around it', ' \tsearch_orders  '],
    ['a sentinel', `=?base64?${base64('search_orders')}?=`],
    ['a sentinel between blanks', ` =?base64?${base64('search_orders')}?= `],
  ])('accepts Mcp-Name with %s', (_title, name) => {
    expect(callOf(modern('tools/call', call, { 'mcp-name': name }))).toMatchObject({ name: 'search_orders' });
  });

  it('refuses a sentinel whose unused bits are not zero, and one that holds no UTF-8', () => {
    expect(refusalOf(modern('prompts/get', { name: 'a' }, { 'mcp-name': '=?base64?YQ==?=' }))).toBeUndefined();
    for (const value of ['=?base64?YR==?=', '=?base64?gA==?=', '=?base64?YQ==\n?=']) {
      expect(refusalOf(modern('prompts/get', { name: 'a' }, { 'mcp-name': value }))?.reason).toBe('header_mismatch');
    }
  });

  it('does not take bytes that are no UTF-8 for the character that replaces them', () => {
    const request = modern('prompts/get', { name: '\ufffd' }, { 'mcp-name': '=?base64?gA==?=' });
    expect(refusalOf(request)?.reason).toBe('header_mismatch');
  });

  it('decodes a sentinel for a name that is no header text', () => {
    const uri = 'note:größe';
    const headers = { 'mcp-name': `=?base64?${base64(uri)}?=` };
    expect(callOf(modern('resources/read', { uri }, headers))).toMatchObject({ kind: 'resource', uri });
  });

  it.each([
    ['prompts/get', { name: 'p' }],
    ['resources/read', { uri: 'file:///a' }],
    ['tasks/get', { taskId: 't' }],
    ['tasks/update', { taskId: 't' }],
    ['tasks/cancel', { taskId: 't' }],
  ])('compares Mcp-Name for %s', (method, params) => {
    expect(refusalOf(modern(method, params))).toBeUndefined();
    expect(refusalOf(modern(method, params, { 'mcp-name': 'other' }))?.reason).toBe('header_mismatch');
    expect(refusalOf(without(modern(method, params), 'mcp-name'))?.reason).toBe('header_mismatch');
  });

  it('leaves Mcp-Param headers of a modern request alone', () => {
    const result = read(modern('tools/call', call, { 'mcp-param-region': 'eu' }));
    expect(result.ok && result.value.headersToStrip).toEqual([]);
  });
});

describe('which era a request belongs to', () => {
  it('strips from a legacy request what nobody compared, and from a modern one the session nobody checked', () => {
    const lying = { 'mcp-name': 'search_orders', 'mcp-method': 'tools/list', 'mcp-param-a': '1', 'last-event-id': '5' };
    const inLegacy = read(legacy('tools/call', { name: 'delete_order' }, lying));
    expect(inLegacy.ok && inLegacy.value).toMatchObject({
      call: { name: 'delete_order' },
      headersToStrip: ['mcp-name', 'mcp-method', 'mcp-param-a', 'last-event-id'],
    });
    const inModern = read(modern('tools/call', call, { 'mcp-session-id': 'victim', 'last-event-id': '5' }));
    expect(inModern.ok && inModern.value.headersToStrip).toEqual(['mcp-session-id', 'last-event-id']);
    expect(inModern).toMatchObject({ ok: true, value: { sessionId: undefined } });
  });

  it.each([
    ['no params', undefined],
    ['no _meta', { name: 'a' }],
    ['a _meta without the claim', { name: 'a', _meta: { progressToken: 1 } }],
  ])('refuses a modern header over a body with %s as invalid parameters', (_title, params) => {
    expect(refusalOf(legacy('tools/call', params, modernHeader))).toMatchObject({
      reason: 'invalid_parameters',
      id: 7,
      era: 'modern',
    });
  });

  it.each([[null], [1], [['2026-07-28']], [{}]])('refuses the claim %j as invalid parameters', (claim) => {
    const request = modern('tools/list', { _meta: { [VERSION_CLAIM]: claim } });
    expect(refusalOf(request)).toMatchObject({ reason: 'invalid_parameters', era: 'modern' });
  });

  it.each([[null], ['x'], [[]]])('refuses the _meta %j', (meta) => {
    expect(refusalOf(legacy('tools/list', { _meta: meta }))?.reason).toBe('invalid_parameters');
  });

  it('refuses initialize with a modern header as a mismatch, and with a claim as unknown', () => {
    expect(refusalOf(legacy('initialize', {}, modernHeader))?.reason).toBe('header_mismatch');
    expect(callOf(modern('initialize'))).toEqual({ kind: 'unknown', method: 'initialize' });
  });

  it.each(['2024-10-07', '2025-01-01', '1.0', 'latest', '2026-07-28x', ''])(
    'refuses the legacy version header %j and names the supported ones',
    (version) => {
      expect(refusalOf(legacy('tools/list', {}, { 'mcp-protocol-version': version }))).toMatchObject({
        reason: 'unsupported_version',
        era: 'legacy',
        data: { supported: ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'], requested: version },
      });
    },
  );

  it.each(['2026-07-29', '2027-01-01', 'v999.0.0', '2025-11-25', ''])('refuses the claim of version %j', (version) => {
    const request = modern(
      'server/discover',
      { _meta: { [VERSION_CLAIM]: version } },
      { 'mcp-protocol-version': version },
    );
    expect(refusalOf(request)).toMatchObject({
      reason: 'unsupported_version',
      era: 'modern',
      id: 7,
      data: { supported: ['2026-07-28'], requested: version },
    });
  });

  it('prefers the mismatch when claim and header name two versions', () => {
    const request = modern('server/discover', { _meta: { [VERSION_CLAIM]: 'v999.0.0' } });
    expect(refusalOf(request)?.reason).toBe('header_mismatch');
  });
});

describe('methods', () => {
  it.each([
    ['initialize', {}, { kind: 'lifecycle' }],
    ['ping', undefined, { kind: 'lifecycle' }],
    ['logging/setLevel', { level: 'info' }, { kind: 'lifecycle' }],
    ['tools/list', { cursor: '' }, { kind: 'list', itemKind: 'tool', cursor: '' }],
    ['tools/list', { cursor: 7 }, { kind: 'list', itemKind: 'tool' }],
    ['prompts/list', {}, { kind: 'list', itemKind: 'prompt' }],
    ['resources/list', {}, { kind: 'list', itemKind: 'resource' }],
    ['resources/templates/list', {}, { kind: 'list', itemKind: 'resourceTemplate' }],
    ['prompts/get', { name: 'p q', arguments: { a: 'b' } }, { kind: 'prompt', name: 'p q', arguments: { a: 'b' } }],
    ['resources/subscribe', { uri: 'a:b' }, { kind: 'resource', uri: 'a:b' }],
    ['resources/unsubscribe', { uri: 'a:b' }, { kind: 'resource', uri: 'a:b' }],
    ['tasks/get', { taskId: 't' }, { kind: 'task', taskId: 't' }],
    ['tasks/result', { taskId: 't' }, { kind: 'task', taskId: 't' }],
    ['tasks/cancel', { taskId: 't' }, { kind: 'task', taskId: 't' }],
    ['tasks/list', {}, { kind: 'task' }],
    ['sampling/createMessage', {}, { kind: 'server_only' }],
    ['elicitation/create', {}, { kind: 'server_only' }],
    ['roots/list', {}, { kind: 'server_only' }],
    ['server/discover', {}, { kind: 'unknown' }],
    ['acme/export', {}, { kind: 'unknown' }],
    ['constructor', {}, { kind: 'unknown' }],
    ['__proto__', {}, { kind: 'unknown' }],
  ])('legacy %s %j', (method, params, expected) => {
    expect(callOf(legacy(method, params))).toEqual({ method, ...expected });
  });

  it.each([
    ['server/discover', {}, { kind: 'lifecycle' }],
    ['tools/list', {}, { kind: 'list', itemKind: 'tool' }],
    ['tasks/update', { taskId: 't' }, { kind: 'task', taskId: 't' }],
    ['roots/list', {}, { kind: 'server_only' }],
    ['ping', {}, { kind: 'unknown' }],
    ['logging/setLevel', {}, { kind: 'unknown' }],
    ['acme/export', {}, { kind: 'unknown' }],
  ])('modern %s %j', (method, params, expected) => {
    expect(callOf(modern(method, params))).toEqual({ method, ...expected });
  });

  it.each([
    ['legacy', legacy('subscriptions/listen', { notifications: { resourceSubscriptions: ['file:///secret'] } })],
    ['legacy', legacy('tasks/update', { taskId: 't' })],
    ['modern', modern('resources/subscribe', { uri: 'file:///secret' })],
    ['modern', modern('resources/subscribe')],
    ['modern', modern('resources/unsubscribe')],
    ['modern', modern('tasks/result', { taskId: 't' })],
    ['modern', modern('tasks/list')],
  ])('refuses governed methods of the other era (%s), even when unknown methods may pass', (era, request) => {
    const result = read(request, { unknownMethods: 'allow' });
    expect(!result.ok && result.error).toMatchObject({ reason: 'method_denied', id: 7, era });
  });

  it('reads what a completion is for', () => {
    const ref = (value: object): HttpRequest =>
      legacy('completion/complete', { ref: value, argument: { name: 'a', value: 'b' } });
    expect(callOf(ref({ type: 'ref/prompt', name: 'p' }))).toMatchObject({ reference: { kind: 'prompt', name: 'p' } });
    expect(callOf(ref({ type: 'ref/resource', uri: 'a:{b}' }))).toMatchObject({
      reference: { kind: 'resource', uri: 'a:{b}' },
    });
    expect(refusalOf(ref({ type: 'ref/tool', name: 'p' }))?.reason).toBe('invalid_parameters');
    expect(refusalOf(ref({ type: 'ref/prompt', uri: 'p' }))?.reason).toBe('invalid_parameters');
    expect(refusalOf(ref({ type: 'ref/prompt', name: 'p', Name: 'q' }))?.reason).toBe('lookalike_key');
    expect(refusalOf(legacy('completion/complete', {}))?.reason).toBe('invalid_parameters');
  });

  it('reads every resource and task of subscriptions/listen', () => {
    const listen = (notifications: unknown): HttpRequest => modern('subscriptions/listen', { notifications });
    expect(callOf(listen({ toolsListChanged: true, resourceSubscriptions: ['a:1', 'a:2'], taskIds: ['t'] }))).toEqual({
      kind: 'listen',
      method: 'subscriptions/listen',
      resourceUris: ['a:1', 'a:2'],
      taskIds: ['t'],
    });
    expect(callOf(listen({}))).toMatchObject({ resourceUris: [], taskIds: [] });
    expect(refusalOf(listen(undefined))?.reason).toBe('invalid_parameters');
    expect(refusalOf(listen({ resourceSubscriptions: 'a:1' }))?.reason).toBe('invalid_parameters');
    expect(refusalOf(listen({ resourceSubscriptions: ['a:1', 2] }))?.reason).toBe('invalid_parameters');
    expect(refusalOf(listen({ taskIds: Array.from({ length: 1001 }, () => 't') }))?.reason).toBe('invalid_parameters');
    expect(refusalOf(listen({ resourceSubscriptions: ['a:1/../b'] }))?.reason).toBe('invalid_name');
    expect(refusalOf(listen({ taskIds: ['t\u0000'] }))?.reason).toBe('invalid_name');
    expect(refusalOf(listen({ ResourceSubscriptions: ['a:1'] }))?.reason).toBe('lookalike_key');
  });

  it.each(['tools/call', 'tools/list', 'initialize', 'resources/read', 'sampling/createMessage', 'server/discover'])(
    'refuses %s without an id',
    (method) => {
      const request = post({ jsonrpc: '2.0', method, params: { name: 'a', uri: 'a:b' } });
      expect(refusalOf(request)).toMatchObject({ reason: 'notification_call', id: null, subject: method });
    },
  );
});

describe('notifications and responses', () => {
  const notification = (headers = {}, params: object = {}): HttpRequest =>
    post({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, headers);

  it('reads a notification in both eras, without an id', () => {
    expect(callOf(notification())).toEqual({ kind: 'notification', method: 'notifications/cancelled' });
    const inModern = read(notification({ ...modernHeader, 'mcp-method': 'notifications/cancelled' }));
    expect(inModern.ok && inModern.value).toMatchObject({ era: 'modern', protocolVersion: '2026-07-28' });
    expect(inModern).toMatchObject({ ok: true, value: { id: undefined } });
    const claimed = notification(modernHeader, { _meta: { [VERSION_CLAIM]: '2026-07-28' } });
    expect(callOf(claimed)).toMatchObject({ kind: 'notification' });
  });

  it('refuses a notification whose headers disagree, of an unsupported version, or with an id', () => {
    expect(refusalOf(notification({ ...modernHeader, 'mcp-method': 'tools/call' }))?.reason).toBe('header_mismatch');
    const claim = { _meta: { [VERSION_CLAIM]: '2026-07-28' } };
    expect(refusalOf(notification({}, claim))?.reason).toBe('header_mismatch');
    expect(refusalOf(notification({ 'mcp-protocol-version': '2027-01-01' }))?.reason).toBe('unsupported_version');
    expect(refusalOf(legacy('notifications/cancelled'))?.reason).toBe('invalid_message');
  });

  it('takes another message without an id for an unknown method', () => {
    expect(callOf(post({ jsonrpc: '2.0', method: 'acme/changed' }))).toEqual({
      kind: 'unknown',
      method: 'acme/changed',
    });
  });

  it.each([
    ['a result', { jsonrpc: '2.0', id: 3, result: {} }],
    ['an error', { jsonrpc: '2.0', id: 'a', error: { code: -1, message: 'no' } }],
  ])('reads %s posted in the legacy era and refuses it in the modern one', (_title, body) => {
    const result = read(post(body));
    expect(result.ok && result.value.call).toEqual({ kind: 'response', method: 'response' });
    expect(result).toMatchObject({ ok: true, value: { id: undefined } });
    expect(refusalOf(post(body, modernHeader))).toMatchObject({ reason: 'invalid_message', era: 'modern' });
  });

  it.each([
    ['no id', { jsonrpc: '2.0', result: {} }],
    ['id null', { jsonrpc: '2.0', id: null, error: {} }],
    ['result and error', { jsonrpc: '2.0', id: 1, result: {}, error: {} }],
    ['a scalar result', { jsonrpc: '2.0', id: 1, result: 'x' }],
    ['neither', { jsonrpc: '2.0', id: 1 }],
    ['params', { jsonrpc: '2.0', id: 1, result: {}, params: {} }],
  ])('refuses a response with %s', (_title, body) => {
    expect(refusalOf(post(body))?.reason).toBe('invalid_message');
  });
});
