import {
  inSession,
  legacy,
  MCP_PATH,
  modern,
  MODERN_VERSION,
  post,
  searchOrders,
  type Consumer,
  type CorpusCase,
  type CorpusRequest,
  type Expectation,
} from './case.ts';
import { allowedTool, deniedBy, invalid, passes, unread } from './expectations.ts';

const row = (name: string, request: CorpusRequest, expect: Expectation): CorpusCase => ({
  name,
  as: 'acme-support',
  to: 'mcp',
  request,
  expect,
});

const me: Consumer = 'acme-support';
const initialize = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'corpus', version: '1.0.0' },
};

const methodNotFound = (rule: string, kind: string, status: 200 | 404): Expectation =>
  deniedBy('method_denied', {
    rule,
    kind,
    status,
    code: -32601,
    message: 'Method not found',
    data: { reason: 'method_denied' },
  });

/** What clients need besides calls; none of it may be in the way of a session. */
const lifecycle: readonly CorpusCase[] = [
  row('initialize opens a session', legacy('initialize', initialize), passes('lifecycle', 'lifecycle:lifecycle')),
  row(
    'initialize of the oldest revision passes',
    legacy('initialize', { ...initialize, protocolVersion: '2024-11-05' }),
    passes('lifecycle', 'lifecycle:lifecycle'),
  ),
  row('ping passes', inSession(legacy('ping'), me), passes('lifecycle', 'lifecycle:lifecycle')),
  row(
    'logging/setLevel passes',
    inSession(legacy('logging/setLevel', { level: 'error' }), me),
    passes('lifecycle', 'lifecycle:lifecycle'),
  ),
  row(
    'notifications/initialized passes',
    inSession(post({ jsonrpc: '2.0', method: 'notifications/initialized' }), me),
    passes('notification', 'lifecycle:notification', { status: 202 }),
  ),
  row(
    'a response of the client passes',
    inSession(post({ jsonrpc: '2.0', id: 1, result: {} }), me),
    passes('response', 'lifecycle:response', { status: 202 }),
  ),
  row(
    'an error response of the client passes',
    inSession(post({ jsonrpc: '2.0', id: 1, error: { code: -1, message: 'no' } }), me),
    passes('response', 'lifecycle:response', { status: 202 }),
  ),
  row('server/discover passes', modern('server/discover'), passes('lifecycle', 'lifecycle:lifecycle')),
  row(
    'DELETE ends the own session',
    inSession({ method: 'DELETE', target: MCP_PATH, headers: {} }, me),
    passes('session_end', 'session-ownership:own'),
  ),
];

const versions: readonly CorpusCase[] = [
  row(
    'a legacy call with its version header passes',
    inSession(legacy('tools/call', searchOrders, { 'mcp-protocol-version': '2025-11-25' }), me),
    allowedTool('search_orders', 'acme-support-desk'),
  ),
  row(
    'a version that never was is refused',
    legacy('tools/call', searchOrders, { 'mcp-protocol-version': '2025-01-01' }),
    unread('unsupported_version', { status: 400, code: -32000, id: 7 }),
  ),
  row(
    'a version that is no date is refused',
    legacy('ping', undefined, { 'mcp-protocol-version': 'latest' }),
    unread('unsupported_version', { status: 400, code: -32000, id: 7 }),
  ),
  row(
    'a claim of a later revision names the supported ones',
    modern(
      'tools/call',
      { ...searchOrders, _meta: { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' } },
      { 'mcp-protocol-version': '2027-01-01' },
    ),
    {
      ...unread('unsupported_version', { status: 400, code: -32022, id: 7 }),
      body: {
        including: { id: 7, error: { code: -32022, data: { supported: [MODERN_VERSION], requested: '2027-01-01' } } },
      },
    },
  ),
  row(
    'a claim of a legacy revision is refused',
    modern(
      'ping',
      { _meta: { 'io.modelcontextprotocol/protocolVersion': '2025-11-25' } },
      { 'mcp-protocol-version': '2025-11-25' },
    ),
    unread('unsupported_version', { status: 400, code: -32022, id: 7 }),
  ),
  row(
    'a claim that is a number is refused',
    modern('ping', { _meta: { 'io.modelcontextprotocol/protocolVersion': 20260728 } }),
    unread('invalid_parameters', { status: 400, code: -32602, id: 7 }),
  ),
  row(
    'initialize under a modern header is refused',
    legacy('initialize', initialize, { 'mcp-protocol-version': MODERN_VERSION }),
    unread('header_mismatch', { status: 400, code: -32020, id: 7 }),
  ),
  row(
    'a response under a modern header is refused',
    post({ jsonrpc: '2.0', id: 1, result: {} }, { 'mcp-protocol-version': MODERN_VERSION }),
    invalid('invalid_message', 1),
  ),
  row(
    'a _meta that is a list is refused',
    legacy('ping', { _meta: [] }),
    unread('invalid_parameters', { status: 400, code: -32602, id: 7 }),
  ),
];

const methods: readonly CorpusCase[] = [
  row(
    'an unknown legacy method is not found with 200',
    legacy('tools/delete'),
    methodNotFound('method-access:unknown', 'unknown', 200),
  ),
  row(
    'an unknown modern method is not found with 404',
    modern('tools/delete'),
    methodNotFound('method-access:unknown', 'unknown', 404),
  ),
  row(
    'a method named constructor is not found',
    legacy('constructor'),
    methodNotFound('method-access:unknown', 'unknown', 200),
  ),
  row('an unknown notification is refused without an answer', post({ jsonrpc: '2.0', method: 'tools/delete' }), {
    ...methodNotFound('method-access:unknown', 'unknown', 404),
    body: { including: { id: null, error: { code: -32601 } } },
  }),
  row(
    'sampling/createMessage is for servers only',
    legacy('sampling/createMessage', {}),
    methodNotFound('method-access:server-only', 'server_only', 200),
  ),
  row(
    'elicitation/create is for servers only',
    legacy('elicitation/create', {}),
    methodNotFound('method-access:server-only', 'server_only', 200),
  ),
  row(
    'roots/list is for servers only',
    modern('roots/list'),
    methodNotFound('method-access:server-only', 'server_only', 404),
  ),
  row(
    'server/discover does not exist in the legacy era',
    legacy('server/discover'),
    methodNotFound('method-access:unknown', 'unknown', 200),
  ),
  row('ping does not exist in the modern era', modern('ping'), methodNotFound('method-access:unknown', 'unknown', 404)),
  row(
    'resources/subscribe does not exist in the modern era',
    modern('resources/subscribe', { uri: 'orders://summary' }),
    unread('method_denied', { status: 404, code: -32601, id: 7 }),
  ),
  row(
    'subscriptions/listen does not exist in the legacy era',
    legacy('subscriptions/listen', { notifications: {} }),
    unread('method_denied', { status: 200, code: -32601, id: 7 }),
  ),
  row(
    'a notification that carries an id is refused',
    legacy('notifications/cancelled', { requestId: 1 }),
    invalid('invalid_message', 7),
  ),
  row(
    'tools/list without an id is refused',
    post({ jsonrpc: '2.0', method: 'tools/list' }),
    invalid('notification_call'),
  ),
];

const bodyless = (method: string, headers: CorpusRequest['headers'] = {}): CorpusRequest => ({
  method,
  target: MCP_PATH,
  headers,
});

const http: readonly CorpusCase[] = [
  row('OPTIONS is refused with 405', bodyless('OPTIONS'), unread('method_not_allowed', { status: 405, code: -32600 })),
  row('HEAD is refused with 405', bodyless('HEAD'), {
    ...omitBody(unread('method_not_allowed', { status: 405, code: -32600 })),
  }),
  row(
    'GET does not exist in the modern era',
    bodyless('GET', { 'mcp-protocol-version': MODERN_VERSION }),
    unread('method_not_allowed', { status: 405, code: -32600 }),
  ),
  row(
    'DELETE does not exist in the modern era',
    bodyless('DELETE', { 'mcp-protocol-version': MODERN_VERSION }),
    unread('method_not_allowed', { status: 405, code: -32600 }),
  ),
  row(
    'GET with an Upgrade is refused',
    bodyless('GET', { upgrade: 'websocket', connection: 'Upgrade' }),
    invalid('upgrade_refused'),
  ),
  row(
    'GET with Last-Event-ID is refused with 405 to a filtered caller',
    inSession(bodyless('GET', { accept: 'text/event-stream', 'last-event-id': 'x' }), me),
    {
      decision: 'deny',
      reason: 'resume_refused',
      rule: 'resumption:filtered-caller',
      kind: 'stream',
      status: 405,
      body: { including: { id: null, error: { code: -32600, data: { reason: 'resume_refused' } } } },
      reachesServer: false,
    },
  ),
  row(
    '1,000 headers are more than are read',
    legacy('ping', undefined, Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x-${index}`, '1']))),
    unread('too_many_headers', { status: 431, code: -32600 }),
  ),
];

function omitBody({ body: _body, ...rest }: Expectation): Expectation {
  return rest;
}

export const protocol: readonly CorpusCase[] = [...lifecycle, ...versions, ...methods, ...http];
