import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDump, readTranscript, type RecordedMessage } from '../../src/plugin-server/testing/transcript.ts';
import { startFakePluginServer, type RpcMessage } from '../testing/fake-plugin-server.ts';
import { sendRaw } from '../testing/raw-request.ts';
import { makeDirectory, startTestGateway, type TestGateway } from '../testing/test-gateway.ts';
import { startUpstream, type TestUpstream } from '../testing/test-upstream.ts';

/** The configuration with which the transcripts were recorded, as far as they show it. */
const declarative = (upstream: TestUpstream, title: string): object => {
  const plugin = {
    name: 'mcp-governance',
    config: {
      title,
      token: '{vault://env/mcp-example-token}',
      headers: { 'x-tenant': 'acme' },
      rules: [
        { id: 'r1', consumers: ['alice'], tools: ['search*', 'read_?'], action: 'allow', rate: { limit: 10 } },
        { id: 'r2', groups: ['gold', 'mcp'], tools: ['*'], action: 'deny' },
      ],
      audit: {},
    },
  };
  const outcome = {
    name: 'post-function',
    config: {
      body_filter: [
        'kong.ctx.shared.mcp_outcome = { status = "ok" } kong.log.set_serialize_value("mcp.outcome", { status = "ok" })',
      ],
    },
  };
  return {
    services: [
      {
        name: 'up',
        url: upstream.url,
        retries: 0,
        routes: [
          { name: 'mcp', paths: ['/mcp'], tags: ['mcp'], plugins: [{ name: 'key-auth' }, plugin, outcome] },
          { name: 'anon', paths: ['/anon'], plugins: [plugin] },
        ],
      },
    ],
    consumers: [
      {
        username: 'alice',
        custom_id: '42',
        tags: ['team-a'],
        keyauth_credentials: [{ id: 'b7351a09-c7d8-4738-a268-85577e1d1635', key: 'example-key' }],
      },
    ],
  };
};

const upstreamAnswer = '{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"x"}]}}';

const kongMessages = (messages: readonly RecordedMessage[]): readonly RpcMessage[] =>
  messages.filter(({ direction }) => direction === 'kong->server').map(({ message }) => message as RpcMessage);

/** What the recorded server answered to the recorded message with this number. */
const answerTo = (messages: readonly RecordedMessage[], id: number): RecordedMessage | undefined =>
  messages.find(({ direction, message }) => direction === 'server->kong' && message[1] === id);

interface Step {
  readonly EventId?: number;
  readonly Data?: unknown;
}

/** The request that led to the recording, read from the answers to `get_headers`, `get_query` and `get_raw_body`. */
const requestOf = (messages: readonly RecordedMessage[], isAuthenticated: boolean): readonly string[] => {
  const results = resultsByMethod(messages);
  const recordedHeaders = results.get('kong.request.get_headers') as
    Readonly<Record<string, readonly string[]>> | undefined;
  const scenario = firstResults(messages);
  const headers = recordedHeaders ?? {
    host: ['127.0.0.1:21010'],
    'content-type': ['application/json'],
    accept: ['*/*'],
    ...(isAuthenticated ? { apikey: ['example-key'] } : {}),
    ...scenario,
  };
  const body = bodyOf(results);
  const set = Object.entries(headers).filter(([name]) => !/^x-(consumer|credential)-|^content-length$/.test(name));
  const query = results.has('kong.request.get_query_arg') && isAuthenticated ? '?flag&e=&a=1&b=2&b=3' : '';
  const method = results.get('kong.request.get_method') ?? (body.length > 0 ? 'POST' : 'GET');
  return [
    `${method as string} ${isAuthenticated ? '/mcp/sub' : '/anon'}${query} HTTP/1.1`,
    ...set.flatMap(([name, values]) => values.map((value) => `${name}: ${value}`)),
    ...(body.length > 0 ? [`content-length: ${body.length}`] : []),
    'Connection: close',
  ];
};

/** PDK results by method, as the recorded Kong sent them. */
const resultsByMethod = (messages: readonly RecordedMessage[]): ReadonlyMap<string, unknown> => {
  const results = new Map<string, unknown>();
  let asked = '';
  for (const { direction, message } of messages) {
    if (direction === 'server->kong') asked = (message[3] as { Data?: { Method?: string } } | null)?.Data?.Method ?? '';
    else if (String(message[2]).startsWith('plugin.Step'))
      results.set(asked, ((message[3] as readonly Step[])[0] as Step).Data);
  }
  return results;
};

/** The first call of each phase asked for the header that names the scenario. */
const firstResults = (messages: readonly RecordedMessage[]): Readonly<Record<string, readonly string[]>> => {
  const headers: Record<string, readonly string[]> = {};
  messages.forEach(({ direction, message }, index) => {
    const call = (message[3] as { Data?: { Method?: string; Args?: readonly string[] } } | null)?.Data;
    const value = (messages[index + 1]?.message[3] as readonly Step[] | undefined)?.[0]?.Data;
    const name = call?.Args?.[0];
    if (direction === 'server->kong' && name !== undefined && /^x-[rl]?scn$/.test(name) && typeof value === 'string')
      headers[name] = [value];
  });
  return headers;
};

const bodyOf = (results: ReadonlyMap<string, unknown>): Uint8Array => {
  const body = results.get('kong.request.get_raw_body');
  return body instanceof Uint8Array ? body : new Uint8Array();
};

/** What differs from run to run: times, ports, sizes and random ids. The shape stays. */
const volatile = (value: unknown): unknown => {
  // Bytes that are no UTF-8: each decoder replaces them by something else.
  if (typeof value === 'string' && /[\u00ff\ufffd]/.test(value)) return 'no UTF-8';
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('base64')}`;
  if (typeof value === 'string' && value.startsWith('{') && value.includes('"latencies"'))
    return shapeOf(JSON.parse(value));
  if (Array.isArray(value)) return value.map(volatile);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      // Connection headers belong to the client that recorded.
      .filter(([key]) => !['connection', 'content-length'].includes(key))
      .map(([key, item]) => [key, isVolatile(key) ? typeof item : volatile(item)]),
  );
};

/** A serialized request without its values. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !['connection', 'content-length'].includes(key))
      .map(([key, item]) => [key, shapeOf(item)]),
  );
};

const isVolatile = (key: string): boolean =>
  /^(created_at|updated_at|port|EventId|InstanceId|date|x-kong-.*|__seq__)$/.test(key);

/** Answers to calls whose result is random or a port. */
const randomResults = new Set(['kong.nginx.get_var', 'kong.node.get_id', 'kong.request.get_port']);

const comparable = (messages: readonly RpcMessage[], askedBy: (message: RpcMessage) => string): readonly unknown[] =>
  messages.map((message) => {
    const [, , method, parameters] = message;
    const [argument] = parameters;
    if (method === 'plugin.StartInstance') {
      const { Name, Config } = argument as { Name: string; Config: string };
      return { method, Name, Config: volatile(JSON.parse(Config)) };
    }
    if (randomResults.has(askedBy(message))) return { method, Data: typeof (argument as Step).Data };
    return { method, argument: volatile(argument) };
  });

/** Plays the recorded server: the n-th message of this Kong gets the answer to the n-th recorded one. */
const replay = async (name: string, isAuthenticated: boolean) => {
  const messages = readTranscript(name);
  const recorded = kongMessages(messages);
  const script = recorded.filter(([, , method]) => method !== 'plugin.StartInstance' || name === 'start-instance');
  const asked: string[] = [];
  let turn = 0;
  const directory = makeDirectory();
  const seen: RpcMessage[] = [];
  const askedBy = new Map<RpcMessage, string>();
  const server = await startFakePluginServer(path.join(directory, 'f.sock'), (message) => {
    if (message[2] === 'plugin.StartInstance' && name !== 'start-instance') return { result: { Id: 0 } };
    seen.push(message);
    askedBy.set(message, asked.at(-1) ?? '');
    const answer = answerTo(messages, script[turn]?.[1] ?? -1);
    turn += 1;
    if (answer === undefined) return undefined;
    const result = answer.message[3];
    asked.push((result as { Data?: { Method?: string } } | null)?.Data?.Method ?? '');
    return { result };
  });
  return { messages, script, seen, server, directory, askedBy, isAuthenticated };
};

describe('the gateway against the recorded plugin server', () => {
  let upstream: TestUpstream;
  beforeAll(async () => {
    upstream = await startUpstream((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.write(upstreamAnswer);
      outgoing.end();
    });
  });
  afterAll(() => upstream.close());

  const startGateway = (socket: string): Promise<TestGateway> =>
    startTestGateway(declarative(upstream, 'TITLE'), {
      environment: { MCP_EXAMPLE_TOKEN: 's3cret' },
      luaSocketReadTimeoutMs: 5_000,
      pluginServer: {
        command: [process.execPath, '-e', 'setInterval(() => undefined, 1e6)'],
        socket,
        queryCommand: [process.execPath, '-e', `process.stdout.write(${JSON.stringify(JSON.stringify(readDump()))})`],
      },
    });

  it.each([
    ['start-instance', true],
    ['access-noop', true],
    ['access-authenticated', true],
    ['access-anonymous', false],
    ['access-headers-only', true],
    ['access-body-empty', true],
    ['access-body-binary', true],
    ['access-body-64k', true],
    ['response-exit-json', true],
    ['response-exit-table', true],
    ['response-exit-status', true],
    ['response-exit-await', true],
    ['response-exit-buffer', true],
    ['response-phase', true],
    ['response-phase-exit', true],
    ['response-phase-throw', true],
    ['log-phase', true],
    ['error-unknown-pdk', true],
    ['error-lua', true],
    ['error-lua-argument', true],
    ['error-log-lua', true],
  ])('sends what Kong sent in %s', async (name, isAuthenticated) => {
    const run = await replay(name, isAuthenticated);
    const gateway = await startGateway(run.server.socket);
    try {
      const body = bodyOf(resultsByMethod(run.messages));
      await sendRaw(gateway.proxyUrl, requestOf(run.messages, isAuthenticated), body);
      // The log phase runs after the answer.
      await expect.poll(() => run.seen.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(run.script.length);
      const recordedAsked = askedInRecording(run.messages);
      expect(comparable(run.seen, (message) => run.askedBy.get(message) ?? '')).toStrictEqual(
        comparable(run.script, (message) => recordedAsked.get(message[1]) ?? ''),
      );
    } finally {
      await gateway.close();
      await run.server.close();
    }
  });
});

/** By the number of Kong's message: the method whose result it carries. */
const askedInRecording = (messages: readonly RecordedMessage[]): ReadonlyMap<number, string> => {
  const asked = new Map<number, string>();
  let last = '';
  for (const { direction, message } of messages) {
    if (direction === 'kong->server') asked.set(message[1] as number, last);
    else last = (message[3] as { Data?: { Method?: string } } | null)?.Data?.Method ?? '';
  }
  return asked;
};
