import { Buffer } from 'node:buffer';
import { deflateSync, gzipSync } from 'node:zlib';
import {
  deleteOrder,
  legacy,
  MCP_PATH,
  modern,
  modernMeta,
  post,
  searchOrders,
  type CorpusCase,
  type CorpusRequest,
  type Expectation,
} from './case.ts';
import { deleteDenied, invalid, invalidName, unknownTool, unread } from './expectations.ts';

/**
 * A call to `delete_order` in every disguise that a real server has been seen to run (MCP facts, sections 2 and 8). The
 * caller is acme-billing, whom one rule allows the tool, so that only `nobody-deletes` stands between.
 */
const row = (name: string, request: CorpusRequest, expect: Expectation): CorpusCase => ({
  name: `delete_order ${name}`,
  as: 'acme-billing',
  to: 'mcp',
  request,
  expect,
});

const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: deleteOrder };
const ping = { jsonrpc: '2.0', id: 6, method: 'ping' };
const text = JSON.stringify(call);
const params = JSON.stringify(deleteOrder);

const inForms: readonly CorpusCase[] = [
  row('as a plain legacy call', legacy('tools/call', deleteOrder), deleteDenied),
  row('as a plain modern call', modern('tools/call', deleteOrder), deleteDenied),
  row('with a string id', post({ ...call, id: 'seven' }), {
    ...unknownTool('delete_order', { rule: 'nobody-deletes', id: 'seven' }),
  }),
  row('as a batch of one', post([call]), invalid('batch_refused')),
  row('as element 2 of a batch of 3', post([ping, call, { ...ping, id: 8 }]), invalid('batch_refused')),
  row('in a batch behind an initialize', post([{ ...ping, method: 'initialize' }, call]), invalid('batch_refused')),
  row(
    'in a batch of a modern request',
    post([{ ...call, params: { ...deleteOrder, _meta: modernMeta } }], { 'mcp-protocol-version': '2026-07-28' }),
    invalid('batch_refused'),
  ),
  row('in a batch within a batch', post([[call]]), invalid('batch_refused')),
  row(
    'asking for a stream first',
    legacy('tools/call', deleteOrder, { accept: 'text/event-stream, application/json' }),
    deleteDenied,
  ),
  row('accepting anything', legacy('tools/call', deleteOrder, { accept: '*/*' }), deleteDenied),
  row(
    'accepting a stream only',
    legacy('tools/call', deleteOrder, { accept: 'text/event-stream' }),
    unread('not_acceptable', { status: 406, code: -32600 }),
  ),
  row('in chunks', { ...legacy('tools/call', deleteOrder), isChunked: true }, deleteDenied),
  row(
    'as a retry with an answer to a question',
    modern('tools/call', { ...deleteOrder, inputResponses: {}, requestState: 'x' }),
    deleteDenied,
  ),
  row('as a task', legacy('tools/call', { ...deleteOrder, task: { ttl: 1000 } }), deleteDenied),
  row('behind white space', post(` \n\t${text}\r\n`), deleteDenied),
  row(
    'with a query in the path',
    { ...legacy('tools/call', deleteOrder), target: `${MCP_PATH}?name=search_orders&method=ping` },
    deleteDenied,
  ),
  row(
    'to the path with a trailing slash',
    { ...legacy('tools/call', deleteOrder), target: `${MCP_PATH}/` },
    deleteDenied,
  ),
  row('to the path with an escape', { ...legacy('tools/call', deleteOrder), target: '/mcp/%6Frders' }, deleteDenied),
  row(
    'to the path behind a dot segment',
    { ...legacy('tools/call', deleteOrder), target: '/mcp/./orders' },
    deleteDenied,
  ),
];

const withKeys: readonly CorpusCase[] = [
  row(
    'behind a second "method", which wins',
    post(`{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/call","params":${params}}`),
    invalid('duplicate_key'),
  ),
  row(
    'before a second "method", which loses',
    post(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":${params},"method":"ping"}`),
    invalid('duplicate_key'),
  ),
  row(
    'behind a second "params"',
    post(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"search_orders"},"params":${params}}`),
    invalid('duplicate_key'),
  ),
  row(
    'behind a second "name"',
    post('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"search_orders","name":"delete_order"}}'),
    invalid('duplicate_key'),
  ),
  row(
    'before a second "name"',
    post('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"delete_order","name":"search_orders"}}'),
    invalid('duplicate_key'),
  ),
  row(
    'behind a "name" that is escaped once',
    post(
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"search_orders","n\\u0061me":"delete_order"}}',
    ),
    invalid('duplicate_key'),
  ),
  row(
    'with a second "jsonrpc"',
    post(`{"jsonrpc":"1.0","jsonrpc":"2.0","id":7,"method":"tools/call","params":${params}}`),
    invalid('duplicate_key'),
  ),
  row(
    'with a key twice in its arguments',
    post(
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"delete_order","arguments":{"orderId":"a","orderId":"b"}}}',
    ),
    invalid('duplicate_key'),
  ),
  row(
    'with the key "method" escaped',
    post(`{"jsonrpc":"2.0","id":7,"\\u006dethod":"tools/call","params":${params}}`),
    deleteDenied,
  ),
  row(
    'with the key "params" escaped',
    post(`{"jsonrpc":"2.0","id":7,"method":"tools/call","p\\u0061rams":${params}}`),
    deleteDenied,
  ),
  row(
    'with the key "name" escaped',
    post('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"\\u006e\\u0061\\u006d\\u0065":"delete_order"}}'),
    deleteDenied,
  ),
  row(
    'with its method escaped',
    post(`{"jsonrpc":"2.0","id":7,"method":"tools\\u002fcall","params":${params}}`),
    deleteDenied,
  ),
  row(
    'with its name escaped',
    post('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"delete\\u005forder"}}'),
    deleteDenied,
  ),
  row(
    'with a "Method" beside "method"',
    post({ ...ping, id: 7, Method: 'tools/call', params: deleteOrder }),
    invalid('lookalike_key', 7),
  ),
  row(
    'with only a "METHOD"',
    post({ jsonrpc: '2.0', id: 7, METHOD: 'tools/call', params: deleteOrder }),
    invalid('lookalike_key', 7),
  ),
  row(
    'with "param\u017f" (CVE-2026-27896)',
    post({ ...call, params: searchOrders, 'param\u017f': deleteOrder }),
    invalid('lookalike_key', 7),
  ),
  row(
    'with "Name" beside "name"',
    post({ ...call, params: { ...searchOrders, Name: 'delete_order' } }),
    invalid('lookalike_key', 7),
  ),
  row(
    'with "name" and NUL (GHSA-q382-vc8q-7jhj)',
    post({ ...call, params: { ...searchOrders, 'name\u0000': 'delete_order' } }),
    invalid('lookalike_key', 7),
  ),
  row(
    'with a full-width "name"',
    post({ ...call, params: { ...searchOrders, '\uff4eame': 'delete_order' } }),
    invalid('lookalike_key', 7),
  ),
  row(
    'with "name" and a zero-width space',
    post({ ...call, params: { ...searchOrders, 'name\u200b': 'delete_order' } }),
    invalid('lookalike_key', 7),
  ),
  row(
    'with "Arguments" beside "arguments"',
    post({ ...call, params: { ...deleteOrder, Arguments: {} } }),
    invalid('lookalike_key', 7),
  ),
  row(
    'with a look-alike of the version claim',
    post({ ...call, params: { ...deleteOrder, _meta: { 'IO.modelcontextprotocol/protocolVersion': '2026-07-28' } } }),
    invalid('lookalike_key', 7),
  ),
  row(
    'with half a surrogate pair in a key',
    post('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"delete_order","arguments":{"\\ud800":1}}}'),
    unread('invalid_encoding', { status: 400, code: -32700 }),
  ),
  row(
    'with its name below "__proto__"',
    post('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"__proto__":{"name":"delete_order"}}}'),
    unread('invalid_parameters', { status: 400, code: -32602, id: 7 }),
  ),
  row(
    'with another name below "__proto__"',
    post(
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"__proto__":{"name":"search_orders"},"name":"delete_order"}}',
    ),
    deleteDenied,
  ),
  row(
    'with "__proto__" beside "method"',
    post(`{"jsonrpc":"2.0","id":7,"__proto__":{"method":"ping"},"method":"tools/call","params":${params}}`),
    invalid('invalid_message', 7),
  ),
  row(
    'with a key that JSON-RPC does not have',
    post({ ...call, tool: 'search_orders' }),
    invalid('invalid_message', 7),
  ),
  row('beside a "result"', post({ ...call, result: {} }), invalid('invalid_message', 7)),
];

const encoded: readonly CorpusCase[] = [
  row(
    'compressed with gzip',
    post(gzipSync(text), { 'content-encoding': 'gzip' }),
    unread('unsupported_encoding', { status: 415, code: -32600 }),
  ),
  row(
    'compressed with deflate',
    post(deflateSync(text), { 'content-encoding': 'deflate' }),
    unread('unsupported_encoding', { status: 415, code: -32600 }),
  ),
  row(
    'said to be compressed with gzip and plain',
    post(text, { 'content-encoding': 'GZIP' }),
    unread('unsupported_encoding', { status: 415, code: -32600 }),
  ),
  row(
    'compressed twice',
    post(gzipSync(gzipSync(text)), { 'content-encoding': 'gzip, gzip' }),
    unread('unsupported_encoding', { status: 415, code: -32600 }),
  ),
  row('with Content-Encoding: identity', post(text, { 'content-encoding': 'identity' }), deleteDenied),
  row(
    'compressed, but not said to be',
    post(gzipSync(text)),
    unread('invalid_encoding', { status: 400, code: -32700 }),
  ),
  row(
    'in UTF-16 as its charset says',
    post(Buffer.from(text, 'utf16le'), { 'content-type': 'application/json; charset=utf-16le' }),
    unread('unsupported_media_type', { status: 415, code: -32600 }),
  ),
  row(
    'in UTF-16 that nothing announces',
    post(Buffer.from(text, 'utf16le')),
    unread('invalid_json', { status: 400, code: -32700 }),
  ),
  row(
    'in UTF-8 that is said to be UTF-7',
    post(text, { 'content-type': 'application/json; charset=utf-7' }),
    unread('unsupported_media_type', { status: 415, code: -32600 }),
  ),
  row(
    'with two charsets',
    post(text, { 'content-type': 'application/json; charset=utf-8; charset=utf-16le' }),
    unread('unsupported_media_type', { status: 415, code: -32600 }),
  ),
  row('with a quoted UTF-8 charset', post(text, { 'content-type': 'Application/JSON;charset="UTF-8"' }), deleteDenied),
  row(
    'behind a byte order mark',
    post(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])),
    unread('invalid_encoding', { status: 400, code: -32700 }),
  ),
  row(
    'with a byte that is not UTF-8',
    post(Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff]), Buffer.from('}')])),
    unread('invalid_encoding', { status: 400, code: -32700 }),
  ),
  row(
    'with an overlong underscore',
    post(Buffer.from(text.replace('delete_order', 'delete\xc1\x9forder'), 'latin1')),
    unread('invalid_encoding', { status: 400, code: -32700 }),
  ),
  row(
    'as text/plain',
    post(text, { 'content-type': 'text/plain' }),
    unread('unsupported_media_type', { status: 415, code: -32600 }),
  ),
  row(
    'without a content type',
    post(text, { 'content-type': undefined }),
    unread('unsupported_media_type', { status: 415, code: -32600 }),
  ),
  row(
    'as a form',
    post(text, { 'content-type': 'application/x-www-form-urlencoded' }),
    unread('unsupported_media_type', { status: 415, code: -32600 }),
  ),
  row(
    'as application/json-rpc',
    post(text, { 'content-type': 'application/json-rpc' }),
    unread('unsupported_media_type', { status: 415, code: -32600 }),
  ),
  row(
    'with two content types in one header',
    post(text, { 'content-type': 'application/json, text/plain' }),
    unread('unsupported_media_type', { status: 415, code: -32600 }),
  ),
  row(
    'with two content type headers',
    post(text, { 'content-type': ['text/plain', 'application/json'] }),
    invalid('ambiguous_header'),
  ),
  row(
    'in JSON behind other JSON',
    post(`${JSON.stringify(ping)}${text}`),
    unread('invalid_json', { status: 400, code: -32700 }),
  ),
  row(
    'in JSON with a comment',
    post(text.replace('{', '{/* ping */')),
    unread('invalid_json', { status: 400, code: -32700 }),
  ),
  row(
    'in JSON with a trailing comma',
    post(text.replace(/\}$/, ',}')),
    unread('invalid_json', { status: 400, code: -32700 }),
  ),
  row('in JSON with NUL behind it', post(`${text}\u0000`), unread('invalid_json', { status: 400, code: -32700 })),
  row('65 levels deep', post({ ...call, params: { ...deleteOrder, arguments: nested(63) } }), invalid('too_deep')),
  row(
    'beside 4 MiB of padding',
    post({ ...call, params: { ...deleteOrder, arguments: { orderId: 'x'.repeat(4_194_304) } } }),
    unread('too_large', { status: 413, code: -32600 }),
  ),
];

function nested(levels: number): object {
  let value: object = {};
  for (let level = 1; level < levels; level += 1) value = { deeper: value };
  return value;
}

const named = (name: unknown): CorpusRequest => legacy('tools/call', { ...deleteOrder, name });

const names: readonly CorpusCase[] = [
  row('with a trailing space', named('delete_order '), invalidName()),
  row('with a leading tab', named('\tdelete_order'), invalidName()),
  row('with a NUL behind it', named('delete_order\u0000'), invalidName()),
  row('with a NUL and another name', named('search_orders\u0000delete_order'), invalidName()),
  row('with a Cyrillic e', named('d\u0435lete_order'), invalidName()),
  row('in full-width letters', named('\uff44elete_order'), invalidName()),
  row('with a zero-width space', named('delete\u200b_order'), invalidName()),
  row(
    'with half a surrogate pair',
    post('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"delete_order\\ud800"}}'),
    invalidName(),
  ),
  row('in 129 characters', named(`delete_${'o'.repeat(122)}`), invalidName()),
  row('as an empty name', named(''), invalidName()),
  row('in upper case', named('DELETE_ORDER'), unknownTool('DELETE_ORDER')),
  row('in title case', named('Delete_order'), unknownTool('Delete_order')),
  row('as __proto__', named('__proto__'), unknownTool('__proto__')),
  row('as constructor', named('constructor'), unknownTool('constructor')),
  row('as the pattern of its rule', named('delete_*'), invalidName()),
  row(
    'as another tool with its prefix',
    named('delete_everything'),
    unknownTool('delete_everything', { rule: 'nobody-deletes' }),
  ),
  row('as a list', named(['delete_order']), unread('invalid_parameters', { status: 400, code: -32602, id: 7 })),
  row(
    'as an object',
    named({ toString: 'delete_order' }),
    unread('invalid_parameters', { status: 400, code: -32602, id: 7 }),
  ),
  row('without params', legacy('tools/call'), unread('invalid_parameters', { status: 400, code: -32602, id: 7 })),
  row('with params in a list', post({ ...call, params: [deleteOrder] }), invalid('invalid_message', 7)),
  row(
    'with arguments in a list',
    legacy('tools/call', { name: 'delete_order', arguments: ['ord-1001'] }),
    unread('invalid_parameters', { status: 400, code: -32602, id: 7 }),
  ),
];

const sent: readonly CorpusCase[] = [
  row(
    'as a notification',
    post({ jsonrpc: '2.0', method: 'tools/call', params: deleteOrder }),
    invalid('notification_call'),
  ),
  row('with a null id', post({ ...call, id: null }), invalid('invalid_message')),
  row('with a fraction for an id', post({ ...call, id: 1.5 }), invalid('invalid_message')),
  row('with an id above 2^53', post(text.replace('"id":7', '"id":9007199254740993')), invalid('invalid_message')),
  row('with an object for an id', post({ ...call, id: { $gt: 0 } }), invalid('invalid_message')),
  row('in JSON-RPC 1.0', post({ ...call, jsonrpc: '1.0' }), invalid('invalid_message', 7)),
  row('without "jsonrpc"', post({ id: 7, method: 'tools/call', params: deleteOrder }), invalid('invalid_message', 7)),
  row('as TOOLS/CALL', legacy('TOOLS/CALL', deleteOrder), invalid('invalid_message', 7)),
  row('as "tools/call "', legacy('tools/call ', deleteOrder), invalid('invalid_message', 7)),
  row('as "tools/call" and NUL', legacy('tools/call\u0000', deleteOrder), invalid('invalid_message', 7)),
  row('as a list of methods', post({ ...call, method: ['tools/call'] }), invalid('invalid_message', 7)),
  row(
    'by PUT',
    { ...legacy('tools/call', deleteOrder), method: 'PUT' },
    unread('method_not_allowed', { status: 405, code: -32600 }),
  ),
  row(
    'by PATCH',
    { ...legacy('tools/call', deleteOrder), method: 'PATCH' },
    unread('method_not_allowed', { status: 405, code: -32600 }),
  ),
  row('by GET with a body', { ...legacy('tools/call', deleteOrder), method: 'GET' }, invalid('invalid_message')),
  row('by DELETE with a body', { ...legacy('tools/call', deleteOrder), method: 'DELETE' }, invalid('invalid_message')),
  row('as a bare JSON string', post('"tools/call"'), invalid('invalid_message')),
  row('as an empty body', post(''), unread('invalid_json', { status: 400, code: -32700 })),
];

const mismatch = (id: number | null = 7): Expectation => unread('header_mismatch', { status: 400, code: -32020, id });

/** The header says one thing and the body another: servers run the body (facts, finding 1). */
const split: readonly CorpusCase[] = [
  row(
    'under a legacy Mcp-Name that lies',
    legacy('tools/call', deleteOrder, { 'mcp-name': 'search_orders', 'mcp-method': 'tools/call' }),
    deleteDenied,
  ),
  row('under a legacy Mcp-Method that lies', legacy('tools/call', deleteOrder, { 'mcp-method': 'ping' }), deleteDenied),
  row(
    'under a modern Mcp-Name that lies',
    modern('tools/call', deleteOrder, { 'mcp-name': 'search_orders' }),
    mismatch(),
  ),
  row(
    'under a modern Mcp-Method that lies',
    modern('tools/call', deleteOrder, { 'mcp-method': 'tools/list' }),
    mismatch(),
  ),
  row(
    'under a modern Mcp-Method in another case',
    modern('tools/call', deleteOrder, { 'mcp-method': 'Tools/Call' }),
    mismatch(),
  ),
  row('without a modern Mcp-Name', modern('tools/call', deleteOrder, { 'mcp-name': undefined }), mismatch()),
  row('without a modern Mcp-Method', modern('tools/call', deleteOrder, { 'mcp-method': undefined }), mismatch()),
  row(
    'with a version header of another era than its claim',
    modern('tools/call', deleteOrder, { 'mcp-protocol-version': '2025-11-25' }),
    mismatch(),
  ),
  row(
    'with a version claim and no version header',
    modern('tools/call', deleteOrder, { 'mcp-protocol-version': undefined }),
    mismatch(),
  ),
  row(
    'with a modern header and no claim',
    legacy('tools/call', deleteOrder, { 'mcp-protocol-version': '2026-07-28' }),
    unread('invalid_parameters', { status: 400, code: -32602, id: 7 }),
  ),
  row(
    'as search_orders in Base64 in its Mcp-Name',
    modern('tools/call', deleteOrder, { 'mcp-name': `=?base64?${Buffer.from('search_orders').toString('base64')}?=` }),
    mismatch(),
  ),
  row(
    'in Base64 in its Mcp-Name',
    modern('tools/call', deleteOrder, { 'mcp-name': `=?base64?${Buffer.from('delete_order').toString('base64')}?=` }),
    deleteDenied,
  ),
  row(
    'in unpadded Base64 in its Mcp-Name',
    modern(
      'tools/call',
      { ...deleteOrder, name: 'delete_orders' },
      { 'mcp-name': `=?base64?${Buffer.from('delete_orders').toString('base64').replaceAll('=', '')}?=` },
    ),
    mismatch(),
  ),
  row(
    'with an Mcp-Name twice, once as search_orders',
    modern('tools/call', deleteOrder, { 'mcp-name': ['search_orders', 'delete_order'] }),
    unread('ambiguous_header', { status: 400, code: -32020 }),
  ),
  row(
    'with the same Mcp-Name twice',
    modern('tools/call', deleteOrder, { 'mcp-name': ['delete_order', 'delete_order'] }),
    unread('ambiguous_header', { status: 400, code: -32020 }),
  ),
  row(
    'with an Mcp-Method twice',
    modern('tools/call', deleteOrder, { 'mcp-method': ['tools/call', 'ping'] }),
    unread('ambiguous_header', { status: 400, code: -32020 }),
  ),
  row(
    'with a version header twice',
    modern('tools/call', deleteOrder, { 'mcp-protocol-version': ['2025-11-25', '2026-07-28'] }),
    unread('ambiguous_header', { status: 400, code: -32600 }),
  ),
  row('with mcp_name', legacy('tools/call', deleteOrder, { mcp_name: 'search_orders' }), invalid('ambiguous_header')),
  row(
    'with mcp_method beside Mcp-Method',
    modern('tools/call', deleteOrder, { mcp_method: 'ping' }),
    unread('ambiguous_header', { status: 400, code: -32020 }),
  ),
  row(
    'with content_type',
    legacy('tools/call', deleteOrder, { content_type: 'text/plain' }),
    invalid('ambiguous_header'),
  ),
  row(
    'with X-HTTP-Method-Override',
    legacy('tools/call', deleteOrder, { 'x-http-method-override': 'GET' }),
    invalid('ambiguous_header'),
  ),
  row(
    'with X-Original-URL',
    legacy('tools/call', deleteOrder, { 'x-original-url': '/health' }),
    invalid('ambiguous_header'),
  ),
  row('with Last-Event-ID', legacy('tools/call', deleteOrder, { 'last-event-id': '1' }), deleteDenied),
  row(
    'with Upgrade: websocket',
    legacy('tools/call', deleteOrder, { upgrade: 'websocket', connection: 'Upgrade' }),
    invalid('upgrade_refused'),
  ),
];

export const disguises: readonly CorpusCase[] = [...inForms, ...withKeys, ...encoded, ...names, ...sent, ...split];
