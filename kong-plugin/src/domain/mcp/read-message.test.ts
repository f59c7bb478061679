import { describe, expect, it } from 'vitest';
import { buildRequest } from '../http/testing/build-request.ts';
import type { HttpRequest } from '../http-request.ts';
import type { McpOptions } from '../server-config.ts';
import { readMcpMessage } from './read-message.ts';
import { legacy, mcpOptions, modern, post, readOptions, VERSION_CLAIM, without } from './testing/mcp-requests.ts';

const read = (request: HttpRequest, mcp: Partial<McpOptions> = {}) =>
  readMcpMessage(request, { ...readOptions, mcp: { ...mcpOptions, ...mcp } });

const message = (request: HttpRequest, mcp: Partial<McpOptions> = {}) => {
  const result = read(request, mcp);
  return result.ok ? result.value : result.error;
};

const callOf = (request: HttpRequest, mcp: Partial<McpOptions> = {}) => {
  const result = read(request, mcp);
  return result.ok ? result.value.call : result.error;
};

const refusalOf = (request: HttpRequest, mcp: Partial<McpOptions> = {}) => {
  const result = read(request, mcp);
  return result.ok ? undefined : result.error;
};

const call = { name: 'search_orders', arguments: { customer: 'c1' } };
const rawCall = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"delete_order","arguments":{}}}';

describe('the normal forms of a tool call', () => {
  it('reads a legacy one with all that surrounds it', () => {
    const request = legacy('tools/call', call, { 'mcp-protocol-version': '2025-11-25', 'mcp-session-id': 'session-1' });
    expect(message(request)).toEqual({
      call: {
        kind: 'tool',
        method: 'tools/call',
        name: 'search_orders',
        arguments: { customer: 'c1' },
        isRetry: false,
      },
      era: 'legacy',
      id: 7,
      protocolVersion: '2025-11-25',
      sessionId: 'session-1',
      isResumed: false,
      headersToStrip: [],
    });
  });

  it('reads a modern one with all that surrounds it', () => {
    expect(message(modern('tools/call', call))).toEqual({
      call: {
        kind: 'tool',
        method: 'tools/call',
        name: 'search_orders',
        arguments: { customer: 'c1' },
        isRetry: false,
      },
      era: 'modern',
      id: 7,
      protocolVersion: '2026-07-28',
      isResumed: false,
      headersToStrip: [],
    });
  });

  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('reads the legacy version %s', (version) => {
    expect(message(legacy('tools/list', {}, { 'mcp-protocol-version': version }))).toMatchObject({
      era: 'legacy',
      protocolVersion: version,
    });
  });

  it.each([
    ['Content-Type in another case', { 'content-type': 'Application/JSON' }],
    ['charset utf-8', { 'content-type': 'application/json; charset=UTF-8' }],
    ['a quoted charset', { 'content-type': 'application/json;charset="utf-8"' }],
    ['Content-Encoding identity', { 'content-encoding': 'identity' }],
    ['Accept: */*', { accept: '*/*' }],
    ['Accept with type wildcards', { accept: 'application/*, text/*;q=0.5' }],
    ['Accept with more types and weights', { accept: 'text/html, Application/JSON;q=0.9 ,text/event-stream' }],
    ['Accept sent as two headers', { accept: ['application/json', 'text/event-stream'] }],
    ['an unrelated header with an underscore', { x_request_id: 'a' }],
    ['an unrelated header sent twice', { 'x-forwarded-for': ['1.2.3.4', '5.6.7.8'] }],
  ])('accepts %s', (_title, headers) => {
    expect(callOf(legacy('tools/call', call, headers))).toMatchObject({ kind: 'tool', name: 'search_orders' });
  });

  it('takes absent arguments for none', () => {
    expect(callOf(legacy('tools/call', { name: 'ping_tool' }))).toMatchObject({ arguments: {} });
  });

  it.each([
    ['"0"', '0'],
    ['""', ''],
    ['0', 0],
    ['-1', -1],
    ['9007199254740991', 9_007_199_254_740_991],
    ['1.0', 1],
  ])('keeps the id %s with its type', (written, id) => {
    expect(message(post(rawCall.replace('"id":7', `"id":${written}`)))).toMatchObject({ id });
  });

  it.each(['inputResponses', 'requestState'])('notes that %s repeats an earlier call', (field) => {
    expect(callOf(modern('tools/call', { ...call, [field]: {} }))).toMatchObject({ isRetry: true });
  });

  it('does not mistake an argument of that name for a repetition', () => {
    const params = { name: 'x', arguments: { requestState: 'a' } };
    expect(callOf(modern('tools/call', params))).toMatchObject({ isRetry: false });
  });
});

describe('disguises of a denied tool call', () => {
  const utf16 = Buffer.from(rawCall, 'utf16le');
  it.each([
    ['a batch of one', `[${rawCall}]`, 'batch_refused'],
    ['element 2 of a batch of 3', `[${rawCall.replace('delete', 'search')},${rawCall},{}]`, 'batch_refused'],
    ['an empty batch', '[]', 'batch_refused'],
    ['a byte order mark', `\ufeff${rawCall}`, 'invalid_encoding'],
    ['UTF-16LE', utf16, 'invalid_json'],
    ['a second method', rawCall.replace('"method"', '"method":"tools/list","method"'), 'duplicate_key'],
    ['a second name', rawCall.replace('"name"', '"name":"search_orders","name"'), 'duplicate_key'],
    ['a second, escaped name', rawCall.replace('"name"', '"name":"a","n\\u0061me"'), 'duplicate_key'],
    ['a second params', rawCall.replace('"params"', '"params":{"name":"a"},"params"'), 'duplicate_key'],
    [
      'a duplicate deep in the arguments',
      rawCall.replace('"arguments":{}', '"arguments":{"a":1,"a":2}'),
      'duplicate_key',
    ],
    ['Method beside method', rawCall.replace('"method"', '"Method":"tools/list","method"'), 'lookalike_key'],
    ['METHOD instead of method', rawCall.replace('"method"', '"METHOD"'), 'lookalike_key'],
    ['paramſ (long s)', rawCall.replace('"params"', '"paramſ"'), 'lookalike_key'],
    ['name and NUL', rawCall.replace('"name"', '"name":"a","name\\u0000"'), 'lookalike_key'],
    ['Name', rawCall.replace('"name"', '"name":"search_orders","Name"'), 'lookalike_key'],
    ['full-width letters', rawCall.replace('"name"', '"name":"a","ｎａｍｅ"'), 'lookalike_key'],
    ['name and a blank', rawCall.replace('"name"', '"name":"a","name "'), 'lookalike_key'],
    ['name and a zero-width space', rawCall.replace('"name"', '"name":"a","na\u200bme"'), 'lookalike_key'],
    ['Arguments', rawCall.replace('"arguments"', '"Arguments"'), 'lookalike_key'],
    ['_META', rawCall.replace('"arguments":{}', '"_META":{}'), 'lookalike_key'],
    [
      'a claim in another case',
      rawCall.replace('"arguments":{}', `"_meta":{"${VERSION_CLAIM.toUpperCase()}":"2026-07-28"}`),
      'lookalike_key',
    ],
    ['JSONRPC', rawCall.replace('"jsonrpc"', '"JSONRPC"'), 'lookalike_key'],
    ['an upper-case method', rawCall.replace('tools/call', 'TOOLS/CALL'), 'invalid_message'],
    ['a method with a blank', rawCall.replace('tools/call', 'tools/call '), 'invalid_message'],
    ['a method with a zero-width space', rawCall.replace('tools/call', 'tools/\u200bcall'), 'invalid_message'],
    ['a method with NUL', rawCall.replace('tools/call', 'tools/call\\u0000'), 'invalid_message'],
    ['no id', rawCall.replace('"id":7,', ''), 'notification_call'],
    ['id null', rawCall.replace('"id":7', '"id":null'), 'invalid_message'],
    ['a fraction as id', rawCall.replace('"id":7', '"id":1.5'), 'invalid_message'],
    ['2^53 as id', rawCall.replace('"id":7', '"id":9007199254740992'), 'invalid_message'],
    ['2^53+1 as id', rawCall.replace('"id":7', '"id":9007199254740993'), 'invalid_message'],
    ['an object as id', rawCall.replace('"id":7', '"id":{}'), 'invalid_message'],
    ['half a surrogate pair as id', rawCall.replace('"id":7', '"id":"\\ud800"'), 'invalid_message'],
    ['an id of 1,025 characters', rawCall.replace('"id":7', `"id":"${'i'.repeat(1025)}"`), 'invalid_message'],
    ['jsonrpc 1.0', rawCall.replace('"2.0"', '"1.0"'), 'invalid_message'],
    ['jsonrpc as number', rawCall.replace('"2.0"', '2.0'), 'invalid_message'],
    ['no jsonrpc', rawCall.replace('"jsonrpc":"2.0",', ''), 'invalid_message'],
    ['a foreign key', rawCall.replace('"id"', '"extra":1,"id"'), 'invalid_message'],
    ['a result beside the method', rawCall.replace('"id"', '"result":{},"id"'), 'invalid_message'],
    ['__proto__ on top', rawCall.replace('"id"', '"__proto__":{},"id"'), 'invalid_message'],
    ['params as list', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["delete_order"]}', 'invalid_message'],
    ['params null', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}', 'invalid_message'],
    ['method as list', rawCall.replace('"tools/call"', '["tools/call"]'), 'invalid_message'],
    ['a string', '"tools/call"', 'invalid_message'],
    ['null', 'null', 'invalid_message'],
    ['nothing', '', 'invalid_json'],
    ['a second message behind it', `${rawCall}\n${rawCall}`, 'invalid_json'],
    ['gzip bytes', Buffer.from([0x1f, 0x8b, 8, 0]), 'invalid_encoding'],
    ['65 levels', rawCall.replace('{}', `{"a":${'['.repeat(65)}${']'.repeat(65)}}`), 'too_deep'],
    ['65,537 bytes', rawCall + ' '.repeat(65_537 - rawCall.length), 'too_large'],
  ])('%s is refused', (_title, body, reason) => {
    expect(refusalOf(post(body))?.reason).toBe(reason);
  });

  it.each([
    ['an escaped method', rawCall.replace('tools/call', 'tools\\u002fc\\u0061ll')],
    ['an escaped key', rawCall.replace('"method"', '"\\u006dethod"')],
    ['an escaped name', rawCall.replace('delete_order', '\\u0064elete_order')],
    ['a body of exactly 65,536 bytes', rawCall + ' '.repeat(65_536 - rawCall.length)],
  ])('%s is seen through', (_title, body) => {
    expect(callOf(post(body))).toMatchObject({ kind: 'tool', name: 'delete_order' });
  });

  it.each([
    ['gzip', { 'content-encoding': 'gzip' }, 'unsupported_encoding'],
    ['deflate', { 'content-encoding': 'deflate' }, 'unsupported_encoding'],
    ['identity and gzip', { 'content-encoding': 'identity, gzip' }, 'unsupported_encoding'],
    ['text/plain', { 'content-type': 'text/plain' }, 'unsupported_media_type'],
    ['application/json-rpc', { 'content-type': 'application/json-rpc' }, 'unsupported_media_type'],
    ['two media types in one value', { 'content-type': 'application/json, text/plain' }, 'unsupported_media_type'],
    ['charset utf-16le', { 'content-type': 'application/json; charset=utf-16le' }, 'unsupported_media_type'],
    ['two charsets', { 'content-type': 'application/json; charset=utf-8; charset=utf-16' }, 'unsupported_media_type'],
    ['a foreign parameter', { 'content-type': 'application/json; odata=verbose' }, 'unsupported_media_type'],
    ['no event stream accepted', { accept: 'application/json' }, 'not_acceptable'],
    ['no JSON accepted', { accept: 'text/event-stream' }, 'not_acceptable'],
    ['only text accepted', { accept: 'text/*' }, 'not_acceptable'],
    ['an empty Accept', { accept: '' }, 'not_acceptable'],
    ['Upgrade', { upgrade: 'websocket' }, 'upgrade_refused'],
    ['Upgrade to several protocols', { upgrade: 'h2c, websocket' }, 'upgrade_refused'],
  ])('%s is refused', (_title, headers, reason) => {
    expect(refusalOf(post(rawCall, headers))?.reason).toBe(reason);
  });

  it('a missing Content-Type or Accept is refused', () => {
    expect(refusalOf(without(post(rawCall), 'content-type'))?.reason).toBe('unsupported_media_type');
    expect(refusalOf(without(post(rawCall), 'accept'))?.reason).toBe('not_acceptable');
  });

  it.each([
    ['mcp-name'],
    ['mcp-method'],
    ['mcp-session-id'],
    ['mcp-protocol-version'],
    ['mcp-param-region'],
    ['content-type'],
    ['content-length'],
    ['content-encoding'],
    ['transfer-encoding'],
    ['origin'],
    ['host'],
    ['last-event-id'],
  ])('%s sent twice, or spelled with an underscore, is refused', (name) => {
    expect(refusalOf(post(rawCall, { [name]: ['a', 'b'] }))?.reason).toBe('ambiguous_header');
    const underscored = name.includes('-') ? name.replace('-', '_') : undefined;
    if (underscored !== undefined) {
      expect(refusalOf(post(rawCall, { [underscored]: 'a' }))?.reason).toBe('ambiguous_header');
      expect(refusalOf(post(rawCall, { [underscored.replaceAll('-', '_')]: 'a' }))?.reason).toBe('ambiguous_header');
    }
  });

  it.each(['x-http-method-override', 'x-http-method', 'x-method-override', 'x-original-url', 'x_rewrite_url'])(
    'the header %s is refused',
    (name) => {
      expect(refusalOf(post(rawCall, { [name]: 'DELETE' }))?.reason).toBe('ambiguous_header');
    },
  );

  it.each(['PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'post', 'QUERY'])('the HTTP method %s is refused', (method) => {
    expect(refusalOf({ ...post(rawCall), method })?.reason).toBe('method_not_allowed');
  });
});

describe('names', () => {
  const named = (name: string): HttpRequest => legacy('tools/call', { name });

  it.each(['a', 'Get.Order_v2-x', 'x'.repeat(128), 'constructor', '__proto__', 'toString'])(
    'reads the tool name %s as it is',
    (name) => {
      expect(callOf(named(name))).toMatchObject({ kind: 'tool', name });
    },
  );

  it.each([
    ['empty', ''],
    ['129 characters', 'x'.repeat(129)],
    ['a blank at the end', 'delete_order '],
    ['a slash', 'a/b'],
    ['a line feed', 'delete_order\n'],
    ['a homoglyph', 'delete_оrder'],
    ['NUL', 'delete_order\u0000'],
    ['half a surrogate pair', 'a\ud800'],
  ])('refuses a tool name with: %s', (_title, name) => {
    expect(refusalOf(named(name))?.reason).toBe('invalid_name');
  });

  it('reads any name of 256 characters without control characters when the operator says so', () => {
    for (const name of ['a/b c', 'größe', 'x'.repeat(256)]) {
      expect(callOf(named(name), { toolNames: 'any' })).toMatchObject({ name });
    }
    for (const name of ['', 'x'.repeat(257), 'a\u0000', 'a\u0085', 'a\n', '\udc00']) {
      expect(refusalOf(named(name), { toolNames: 'any' })?.reason).toBe('invalid_name');
    }
  });

  it.each([[undefined], [null], [1], [['delete_order']], [{ name: 'delete_order' }]])('refuses the name %j', (name) => {
    expect(refusalOf(legacy('tools/call', { name }))?.reason).toBe('invalid_parameters');
  });

  it.each([[null], [[]], ['{}'], [1]])('refuses the arguments %j', (value) => {
    const request = legacy('tools/call', { name: 'a', arguments: value });
    expect(refusalOf(request)?.reason).toBe('invalid_parameters');
  });

  it.each(['\u0000', 'file:///a\u0000', 'a\ud800b', `file:///${'a'.repeat(8192)}`])(
    'refuses a URI such as %j',
    (uri) => {
      expect(refusalOf(legacy('resources/read', { uri }))?.reason).toBe('invalid_name');
    },
  );

  it.each([
    'file:///public/../secret',
    'file:///public/%2e%2E/secret',
    'file:///public/.%2e/secret',
    'file:///public/./a',
    'file:///public\\..\\secret',
    'file:///public%2f..%2fsecret',
    'file:///public/..',
    'file:///public/..?x',
  ])('refuses the dot segments of %s', (uri) => {
    expect(refusalOf(legacy('resources/read', { uri }))?.reason).toBe('invalid_name');
  });

  it.each(['file:///a/..b/c...d/.hidden', 'ui://widget/1', 'note:ä', 'https://x.example/a.b?c=.d'])(
    'reads the URI %s',
    (uri) => {
      expect(callOf(legacy('resources/read', { uri }))).toEqual({ kind: 'resource', method: 'resources/read', uri });
    },
  );
});

describe('what is kept for replies and records', () => {
  it('echoes the id and the era with a refusal', () => {
    expect(refusalOf(legacy('tools/call', { name: '' }))).toMatchObject({ id: 7, era: 'legacy' });
    expect(refusalOf(modern('tools/call', { name: 5 }, { 'mcp-name': '5' }))).toMatchObject({ id: 7, era: 'modern' });
    expect(refusalOf(post('{"id":"x","jsonrpc":"1.0","method":"a"}'))).toMatchObject({ id: 'x', era: 'legacy' });
  });

  it('says id null when the id cannot be read, and gives GET none', () => {
    expect(refusalOf(post('{'))?.id).toBeNull();
    expect(refusalOf(post('[]'))?.id).toBeNull();
    expect(refusalOf(post('{"jsonrpc":"2.0","id":1.5,"method":"a"}'))?.id).toBeNull();
    expect(refusalOf(post('{}', { 'content-encoding': 'gzip' }))?.id).toBeNull();
    expect(refusalOf(buildRequest('GET', { body: 'x' }))).not.toHaveProperty('id');
  });

  it('knows the era of an unreadable modern request from its header', () => {
    expect(refusalOf(post('{', { 'mcp-protocol-version': '2026-07-28' }))?.era).toBe('modern');
    expect(refusalOf(post('{'))).not.toHaveProperty('era');
  });

  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const other = '00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

  it('takes the trace from _meta, else from the header', () => {
    const request = legacy('tools/call', { ...call, _meta: { traceparent: trace } }, { traceparent: other });
    expect(message(request)).toMatchObject({ traceparent: trace });
    expect(message(legacy('ping', {}, { traceparent: other }))).toMatchObject({ traceparent: other });
    expect(message(buildRequest('GET', { headers: { traceparent: other } }))).toMatchObject({ traceparent: other });
  });

  it.each([
    ['garbage', 'x'],
    ['upper case', trace.toUpperCase()],
    ['version ff', `ff${trace.slice(2)}`],
    ['a zero trace id', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['a zero parent id', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
    ['two headers', [trace, other]],
  ])('drops a traceparent with: %s', (_title, traceparent) => {
    const result = message(legacy('ping', {}, { traceparent }));
    expect(result).toMatchObject({ call: { kind: 'lifecycle' } });
    expect(result).toMatchObject({ traceparent: undefined });
  });

  it('reads the client of initialize and of modern _meta, cut to 128 characters without control characters', () => {
    const clientInfo = { name: `ab\n\u0000${'c'.repeat(200)}`, version: '1.2' };
    expect(message(legacy('initialize', { clientInfo }))).toMatchObject({
      client: { name: `ab${'c'.repeat(124)}`, version: '1.2' },
    });
    const meta = {
      [VERSION_CLAIM]: '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'claude', version: 3 },
    };
    expect(message(modern('tools/list', { _meta: meta }))).toMatchObject({ client: { name: 'claude' } });
    expect(message(legacy('tools/list', { clientInfo }))).toMatchObject({ client: undefined });
    expect(message(legacy('initialize', { clientInfo: [] }))).toMatchObject({ client: undefined });
  });
});

describe('GET and DELETE', () => {
  const bare = (method: string, headers = {}, body = ''): HttpRequest => buildRequest(method, { headers, body });

  it('reads GET as a stream and DELETE as the end of a session', () => {
    const headers = { 'mcp-session-id': 's1', 'mcp-protocol-version': '2025-06-18' };
    expect(message(bare('GET', headers))).toEqual({
      call: { kind: 'stream', method: 'GET' },
      era: 'legacy',
      protocolVersion: '2025-06-18',
      sessionId: 's1',
      isResumed: false,
      headersToStrip: [],
    });
    expect(message(bare('DELETE', headers))).toMatchObject({ call: { kind: 'session_end', method: 'DELETE' } });
  });

  it('notes that Last-Event-ID resumes a stream, even an empty one', () => {
    expect(message(bare('GET', { 'last-event-id': '5' }))).toMatchObject({ isResumed: true, headersToStrip: [] });
    expect(message(bare('GET', { 'last-event-id': '' }))).toMatchObject({ isResumed: true });
    expect(message(bare('DELETE', { 'last-event-id': '5' }))).toMatchObject({ isResumed: false });
  });

  it.each(['GET', 'DELETE'])('refuses %s with a body, in the modern era, and of an unknown version', (method) => {
    expect(refusalOf(bare(method, {}, rawCall))?.reason).toBe('invalid_message');
    const inModern = refusalOf(bare(method, { 'mcp-protocol-version': '2026-07-28' }));
    expect(inModern).toMatchObject({ reason: 'method_not_allowed', era: 'modern' });
    const unknown = refusalOf(bare(method, { 'mcp-protocol-version': '2024-01-01' }));
    expect(unknown).toMatchObject({ reason: 'unsupported_version', era: 'legacy' });
    expect(refusalOf(bare(method, { upgrade: 'websocket' }))?.reason).toBe('upgrade_refused');
  });

  it('reads a request with `Upgrade: h2c`, which Java clients send over plain HTTP and Kong ignores', () => {
    expect(message(bare('GET', { upgrade: 'h2c' }))).toMatchObject({ call: { kind: 'stream' } });
  });
});
