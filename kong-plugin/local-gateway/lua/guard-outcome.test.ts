import { describe, expect, it } from 'vitest';
import { players } from './testing/players.ts';
import { verdictFor, type Scenario } from './testing/scenario.ts';

type Response = NonNullable<Scenario['response']>;

interface Row {
  readonly title: string;
  readonly verdict?: Readonly<Record<string, unknown>>;
  readonly response: Response;
  readonly request?: Scenario['request'];
  readonly config?: Scenario['config'];
  readonly sharedLater?: Scenario['sharedLater'];
  readonly expected: Readonly<Record<string, unknown>>;
}

const jsonHeaders = { 'content-type': 'application/json' };
const sseHeaders = { 'content-type': 'text/event-stream' };

const reply = (fields: object, id: unknown = 1) => JSON.stringify({ jsonrpc: '2.0', id, ...fields });
const json = (body: string, more: Partial<Response> = {}): Response => ({ headers: jsonHeaders, body, ...more });
const sse = (body: string, more: Partial<Response> = {}): Response => ({ headers: sseHeaders, body, ...more });
const event = (data: string) => `event: message\ndata: ${data}\n\n`;
const note = (text: string) =>
  event(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { text } }));

const ok = reply({ result: { content: [] } });
const toolError = reply({ result: { content: [], isError: true } });
const rpcError = (code: unknown, id: unknown = 1) => reply({ error: { code, message: 'no' } }, id);
const long = 'x'.repeat(3_000);
const small = { scan_limit_bytes: 1_024 };

const jsonRows: readonly Row[] = [
  {
    title: 'an error is all that log plugins are told with log_records: false',
    response: json(rpcError(-32000)),
    config: { log_records: false },
    expected: { outcome: 'rpc_error', code: -32000 },
  },
  { title: 'a result is ok', response: json(ok), expected: { outcome: 'ok' } },
  { title: 'isError is tool_error', response: json(toolError), expected: { outcome: 'tool_error' } },
  { title: 'isError false is ok', response: json(reply({ result: { isError: false } })), expected: { outcome: 'ok' } },
  {
    title: 'an error is rpc_error with code -32602',
    response: json(rpcError(-32602)),
    expected: { outcome: 'rpc_error', code: -32602 },
  },
  {
    title: 'an error whose code is no integer is rpc_error without a code',
    response: json(rpcError('x')),
    expected: { outcome: 'rpc_error' },
  },
  {
    title: 'an error that is null beside a result is ok',
    response: json(reply({ error: null, result: {} })),
    expected: { outcome: 'ok' },
  },
  {
    title: 'resultType input_required is that',
    response: json(reply({ result: { resultType: 'input_required' } })),
    expected: { outcome: 'input_required' },
  },
  {
    title: 'resultType task carries result.task.taskId',
    response: json(reply({ result: { resultType: 'task', task: { taskId: 't-1' } } })),
    expected: { outcome: 'task', task_id: 't-1' },
  },
  {
    title: 'resultType task carries result.taskId',
    response: json(reply({ result: { resultType: 'task', taskId: 't-2' } })),
    expected: { outcome: 'task', task_id: 't-2' },
  },
  {
    title: 'a legacy task has no resultType',
    response: json(reply({ result: { task: { taskId: 't-3' } } })),
    expected: { outcome: 'task', task_id: 't-3' },
  },
  {
    title: 'a task handle of 1,025 bytes is not carried',
    response: json(reply({ result: { resultType: 'task', taskId: 'x'.repeat(1_025) } })),
    expected: { outcome: 'task' },
  },
  {
    title: 'resultType complete is ok',
    response: json(reply({ result: { resultType: 'complete' } })),
    expected: { outcome: 'ok' },
  },
  { title: 'a null result is ok', response: json(reply({ result: null })), expected: { outcome: 'ok' } },
  {
    title: 'a batch holds our answer as its second element',
    response: json(`[${reply({ result: {} }, 7)},${toolError}]`),
    expected: { outcome: 'tool_error' },
  },
  { title: 'a batch whose first element is null', response: json(`[null,${ok}]`), expected: { outcome: 'ok' } },
  {
    title: 'a batch without our answer',
    response: json(`[${reply({ result: {} }, 7)}]`),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  {
    title: 'an error with id null is rpc_error',
    response: json(rpcError(-32700, null)),
    expected: { outcome: 'rpc_error', code: -32700 },
  },
  {
    title: 'an error without an id is rpc_error',
    response: json('{"jsonrpc":"2.0","error":{"code":-32600,"message":"no"}}'),
    expected: { outcome: 'rpc_error', code: -32600 },
  },
  {
    title: 'an error object that is not JSON-RPC is no answer',
    response: json('{"error":{"code":401}}'),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  {
    title: 'an error of another call is no answer',
    response: json(rpcError(-32602, 2)),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  {
    title: 'a request of the server with our id is no answer',
    response: json(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', result: {} })),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  { title: 'not JSON', response: json('{'), expected: { outcome: 'unknown', why: 'no_answer' } },
  { title: 'a JSON scalar', response: json('7'), expected: { outcome: 'unknown', why: 'no_answer' } },
  { title: 'an empty body', response: json(''), expected: { outcome: 'unknown', why: 'no_answer' } },
  { title: 'a byte order mark before the JSON', response: json(`\ufeff${ok}`), expected: { outcome: 'ok' } },
  {
    title: 'JSON cut after every byte',
    response: json(toolError, { cuts: 'bytes' }),
    expected: { outcome: 'tool_error' },
  },
  {
    title: 'JSON longer than the limit of 1,024 bytes',
    config: small,
    response: json(reply({ result: { long } })),
    expected: { outcome: 'unknown', why: 'too_large' },
  },
  {
    title: 'JSON of exactly 1,024 bytes',
    config: small,
    response: json(ok.padEnd(1_024)),
    expected: { outcome: 'ok' },
  },
  {
    title: 'JSON of 1,025 bytes',
    config: small,
    response: json(ok.padEnd(1_025)),
    expected: { outcome: 'unknown', why: 'too_large' },
  },
  {
    title: 'a content type with capitals and a charset',
    response: json(ok, { headers: { 'content-type': 'Application/JSON; charset=utf-8' } }),
    expected: { outcome: 'ok' },
  },
  {
    title: 'another content type',
    response: json(ok, { headers: { 'content-type': 'text/html' } }),
    expected: { outcome: 'unknown', why: 'content_type' },
  },
  {
    title: 'no content type',
    response: json(ok, { headers: {} }),
    expected: { outcome: 'unknown', why: 'content_type' },
  },
  {
    title: 'a gzip answer',
    response: json('\u001f', { headers: { ...jsonHeaders, 'content-encoding': 'gzip' } }),
    expected: { outcome: 'unknown', why: 'encoded' },
  },
  {
    title: 'identity encoding',
    response: json(ok, { headers: { ...jsonHeaders, 'content-encoding': 'identity' } }),
    expected: { outcome: 'ok' },
  },
  {
    title: 'JSON that breaks off',
    response: json(ok, { ends: false }),
    expected: { outcome: 'unknown', why: 'incomplete' },
  },
  {
    title: '202 without a body',
    response: { status: 202, body: '' },
    expected: { outcome: 'unknown', why: 'content_type' },
  },
  {
    title: '204 has no body',
    response: { status: 204, ends: false },
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  {
    title: 'HEAD has no body',
    request: { method: 'HEAD' },
    response: json('', { ends: false }),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
];

const statusRows: readonly Row[] = [
  {
    title: '404 with a JSON-RPC error is rpc_error',
    response: json(rpcError(-32601), { status: 404 }),
    expected: { outcome: 'rpc_error', code: -32601, status: 404 },
  },
  {
    title: '400 with text is not_executed',
    response: { status: 400, headers: { 'content-type': 'text/plain' }, body: 'no' },
    expected: { outcome: 'not_executed', upstream_status: 400 },
  },
  {
    title: '401 with JSON that is no answer is not_executed',
    response: json('{"error":"invalid_token"}', { status: 401 }),
    expected: { outcome: 'not_executed' },
  },
  {
    title: '400 that breaks off is not_executed',
    response: json('{', { status: 400, ends: false }),
    expected: { outcome: 'not_executed' },
  },
  {
    title: '429 encoded is not_executed',
    response: json('', { status: 429, headers: { ...jsonHeaders, 'content-encoding': 'br' } }),
    expected: { outcome: 'not_executed' },
  },
  {
    title: '500 with text is upstream_error',
    response: { status: 500, headers: { 'content-type': 'text/plain' }, body: 'no' },
    expected: { outcome: 'upstream_error', status: 500 },
  },
  {
    title: '500 with a JSON-RPC error is rpc_error',
    response: json(rpcError(-32603), { status: 500 }),
    expected: { outcome: 'rpc_error', code: -32603 },
  },
  {
    title: '504 made by Kong',
    response: { source: 'error', status: 504 },
    expected: { outcome: 'upstream_error', why: 'gateway', status: 504 },
  },
  {
    title: '502 made by Kong before a status came',
    response: { source: 'error', status: 502, upstreamStatus: null },
    expected: { outcome: 'upstream_error', why: 'gateway' },
  },
  {
    title: '500 made by Kong because a later plugin failed',
    response: { source: 'error', status: 500, upstreamStatus: null },
    expected: { outcome: 'not_executed', why: 'gateway' },
  },
  {
    title: 'a later plugin answers in access',
    response: json(ok, { source: 'exit', upstreamStatus: null }),
    expected: { outcome: 'not_executed', why: 'gateway' },
  },
  {
    title: 'a notification owes no answer',
    verdict: { id: undefined },
    response: { status: 202 },
    expected: { outcome: 'none', status: 202 },
  },
  {
    title: 'a GET stream owes no answer',
    verdict: { id: undefined },
    request: { method: 'GET' },
    response: sse(event(ok)),
    expected: { outcome: 'none' },
  },
  {
    title: 'REST 200 is ok',
    verdict: { kind: 'rest', id: undefined },
    response: { status: 200, body: '{}' },
    expected: { outcome: 'ok' },
  },
  {
    title: 'REST 304 is ok',
    verdict: { kind: 'rest', id: undefined },
    response: { status: 304, ends: false },
    expected: { outcome: 'ok' },
  },
  {
    title: 'REST 200 that breaks off is ok',
    verdict: { kind: 'rest', id: undefined },
    response: { body: 'part', ends: false },
    expected: { outcome: 'ok', response_bytes: 4 },
  },
  {
    title: 'REST 422 is not_executed',
    verdict: { kind: 'rest', id: undefined },
    response: { status: 422 },
    expected: { outcome: 'not_executed' },
  },
  {
    title: 'REST 503 is upstream_error',
    verdict: { kind: 'rest', id: undefined },
    response: { status: 503 },
    expected: { outcome: 'upstream_error' },
  },
];

const streamRows: readonly Row[] = [
  {
    title: 'four notes and the result',
    response: sse([1, 2, 3, 4].map((n) => note(String(n))).join('') + event(ok)),
    expected: { outcome: 'ok' },
  },
  {
    title: 'CR LF and two data lines, byte by byte',
    response: sse(`event: message\r\ndata: {"jsonrpc":"2.0","id":1,\r\ndata: "result":{"isError":true}}\r\n\r\n`, {
      cuts: 'bytes',
    }),
    expected: { outcome: 'tool_error' },
  },
  { title: 'CR alone, byte by byte', response: sse(`data: ${ok}\r\r`, { cuts: 'bytes' }), expected: { outcome: 'ok' } },
  {
    title: 'comments, ids, retry and an empty event before',
    response: sse(`: ping\nid: 7\nretry: 100\ndata:\n\n:\n\ndata:${toolError}\n\n`),
    expected: { outcome: 'tool_error' },
  },
  {
    title: 'a byte order mark at the start',
    response: sse(`\ufeffdata: ${ok}\n\n`, { cuts: [1, 2] }),
    expected: { outcome: 'ok' },
  },
  {
    title: 'an error with a code',
    response: sse(event(rpcError(-32000))),
    expected: { outcome: 'rpc_error', code: -32000 },
  },
  {
    title: 'the first answer counts',
    response: sse(event(toolError) + event(ok)),
    expected: { outcome: 'tool_error' },
  },
  {
    title: 'a batch in an event',
    response: sse(event(`[${reply({ result: {} }, 7)},${toolError}]`)),
    expected: { outcome: 'tool_error' },
  },
  {
    title: 'keys written with escapes',
    response: sse(event('{"jsonrpc":"2.0","id":1,"\\u0072esult":{}}')),
    expected: { outcome: 'ok' },
  },
  {
    title: 'another event name is no message',
    response: sse(`event: endpoint\ndata: ${ok}\n\n`),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  {
    title: 'the name of an event does not last',
    response: sse(`event: endpoint\ndata: x\n\ndata: ${ok}\n\n`),
    expected: { outcome: 'ok' },
  },
  {
    title: 'a field that only starts like data',
    response: sse(`datax: ${ok}\n\n`),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  {
    title: 'an event that the stream does not end',
    response: sse(`data: ${ok}\n`),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  {
    title: 'a stream that ends without our answer',
    response: sse(note('1')),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  {
    title: 'a stream that breaks off before the answer',
    response: sse(note('1'), { ends: false }),
    expected: { outcome: 'unknown', why: 'incomplete' },
  },
  {
    title: 'a stream that breaks off after the answer',
    response: sse(event(ok) + note('1'), { ends: false }),
    expected: { outcome: 'ok' },
  },
  {
    title: 'a note of 3,000 bytes over a limit of 1,024, then the answer',
    config: small,
    response: sse(note(long) + event(ok)),
    expected: { outcome: 'ok' },
  },
  {
    title: 'the same, byte by byte',
    config: small,
    response: sse(note(long) + event(ok), { cuts: 'bytes' }),
    expected: { outcome: 'ok' },
  },
  {
    title: 'an answer of 3,000 bytes over a limit of 1,024',
    config: small,
    response: sse(event(reply({ result: { long } }))),
    expected: { outcome: 'unknown', why: 'too_large' },
  },
  {
    title: 'an answer of 3,000 bytes in lines of 100',
    config: small,
    response: sse(`data: ${'x'.repeat(100)}\n`.repeat(30) + '\n', { cuts: 'bytes' }),
    expected: { outcome: 'unknown', why: 'too_large' },
  },
  {
    title: 'a comment of 3,000 bytes is not the answer',
    config: small,
    response: sse(`:${long}\n\n`),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  {
    title: 'a comment of 3,000 bytes inside the event of the answer',
    config: small,
    response: sse(`:${long}\ndata: ${ok}\n\n`),
    expected: { outcome: 'ok' },
  },
];

const ids = [0, -5, 1.5, 2 ** 32, 2 ** 53 - 1, 1e300, 2 ** 63, '', 'abc', '1', 'Grüße \u2028 😀'];
const idRows: readonly Row[] = [
  ...ids.map((id): Row => ({
    title: `id ${JSON.stringify(id)} in JSON`,
    verdict: { id },
    response: json(reply({ result: {} }, id)),
    expected: { outcome: 'ok' },
  })),
  ...ids.map((id): Row => ({
    title: `id ${JSON.stringify(id)} in a stream`,
    verdict: { id },
    response: sse(event(reply({ result: { isError: true } }, id)), { cuts: 'bytes' }),
    expected: { outcome: 'tool_error' },
  })),
  {
    title: 'id 1 is not "1"',
    verdict: { id: 1 },
    response: json(reply({ result: {} }, '1')),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
  {
    title: 'id "1" is not 1',
    verdict: { id: '1' },
    response: sse(event(reply({ result: {} }, 1))),
    expected: { outcome: 'unknown', why: 'no_answer' },
  },
];

const rows: readonly Row[] = [...jsonRows, ...statusRows, ...streamRows, ...idRows];

const scenarioOf = (row: Row): Scenario => ({
  context: { mcp_guard_verdict: verdictFor({ id: 1, ...row.verdict }) },
  response: row.response,
  end: {},
  ...(row.request === undefined ? {} : { request: row.request }),
  ...(row.config === undefined ? {} : { config: row.config }),
  ...(row.sharedLater === undefined ? {} : { sharedLater: row.sharedLater }),
});

const pickKeys = (value: object | undefined, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => keys.includes(key)));

describe.each(players)('the outcome of a call, on $name', ({ isPresent, play }) => {
  const results = isPresent ? play(rows.map(scenarioOf)) : [];

  it.skipIf(!isPresent).each(rows.map((row, index) => ({ ...row, index })))(
    '$title',
    ({ index, expected, response, config }) => {
      const result = results[index];
      const settled = ['outcome', 'why', 'code', 'task_id'];
      expect(pickKeys(result?.outcome, [...settled, ...Object.keys(expected)])).toEqual(expected);
      expect(result?.serialized).toEqual(
        config?.log_records === false ? pickKeys(result?.outcome, ['outcome', 'why', 'code']) : result?.outcome,
      );
      expect(result?.body).toBe(response.body ?? '');
      expect(result?.errors).toEqual([]);
    },
  );

  const stream = `: hi\r\nevent: message\r\ndata: {"jsonrpc":"2.0","method":"notifications/é","id":9}\r\n\r\ndata: {"jsonrpc":"2.0","id":"é",\rdata: "result":\ndata: {"isError":true}}\r\n\r\n`;
  const bytes = Buffer.byteLength(stream);

  it.skipIf(!isPresent)(`a stream of ${bytes} bytes gives the same outcome wherever it is cut`, () => {
    const cuts = Array.from({ length: bytes - 1 }, (_, index) => index + 1);
    const scenarios = cuts.map((cut) =>
      scenarioOf({ title: '', verdict: { id: 'é' }, response: sse(stream, { cuts: [cut] }), expected: {} }),
    );
    const played = play(scenarios);
    expect(played.map((result) => [result.outcome?.outcome, result.body])).toEqual(
      cuts.map(() => ['tool_error', stream]),
    );
  });

  it.skipIf(!isPresent)('the record holds who, where, sizes and latencies', () => {
    const [result] = play([
      {
        request: { uri: '/mcp?key=secret', contentLength: '116' },
        context: { mcp_guard_verdict: verdictFor({ id: 1 }) },
        response: json(ok, { cuts: [3, 9] }),
      },
    ]);
    expect(result?.outcome).toEqual({
      v: 6,
      outcome: 'ok',
      request_id: 'f0e1d2c3b4a5968778695a4b3c2d1e0f',
      started_at: 1_700_000_000_500,
      client_ip: '192.0.2.7',
      method: 'POST',
      path: '/mcp',
      status: 200,
      upstream_status: 200,
      request_bytes: 116,
      response_bytes: Buffer.byteLength(ok),
      latency: { kong: 3, upstream: 40, total: 250 },
      consumer: 'consumer-1',
      route_id: 'route-1',
      service_id: 'service-1',
      admission: '{"server":"orders"}',
    });
  });

  it.skipIf(!isPresent)('a response that cannot be read passes, and the failure is logged', () => {
    const [result] = play([
      { context: { mcp_guard_verdict: verdictFor({ id: 1 }) }, raises: 'kong.response.get_source', response: json(ok) },
    ]);
    expect(result?.status).toBe(200);
    expect(result?.body).toBe(ok);
    expect(result?.errors.join()).toContain('mcp-guard could not read the response');
  });
});
