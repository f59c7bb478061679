import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../setup/governed-demo.ts';
import { governed } from './harness/declarative.ts';
import { callTool, isServed } from './harness/mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from './harness/mcp-upstream.ts';
import { makePrefix, startTestGateway, type TestGateway } from './harness/test-gateway.ts';
import { UnmanagedServer } from './harness/unmanaged-server.ts';

let upstream: McpUpstream;
let gateway: TestGateway;
let nextId = 1;

beforeAll(async () => {
  upstream = await startMcpUpstream();
  gateway = await startTestGateway({ declarative: governed(upstream.url) });
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

afterEach(() => upstream.answerWith(undefined));

const progress = (count: number): string =>
  `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: count } })}\n\n`;

const answerOf = (id: number): string =>
  `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`;

/** Both ends of one stream, in the test's hands: the server sends only what the test tells it to. */
interface OpenStream {
  readonly id: number;
  /** Present as soon as the server sent its headers: nothing else was sent by then. */
  readonly response: Response;
  readonly server: ServerResponse;
  /** Resolves with what came since the last call, once `text` was in it; rejects when the stream breaks off. */
  receive(text: string): Promise<string>;
  /** Resolves with the rest at the orderly end of the stream. */
  receiveEnd(): Promise<string>;
  leave(): void;
}

const open = async (
  to: TestGateway = gateway,
  request: { readonly method?: string; readonly body?: (id: number) => string } = {},
): Promise<OpenStream> => {
  const id = nextId;
  nextId += 1;
  const answered = new Promise<ServerResponse>((resolve) =>
    upstream.answerWith((_call, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.flushHeaders();
      resolve(outgoing);
    }),
  );
  const body = request.body ?? callBody;
  const aborter = new AbortController();
  const response = await fetch(`${to.proxyUrl}/mcp`, {
    method: request.method ?? 'POST',
    headers: {
      apikey: 'key-alice',
      accept: request.method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      ...(request.method === 'GET' ? {} : { 'content-type': 'application/json' }),
    },
    signal: aborter.signal,
    ...(request.method === 'GET' ? {} : { body: body(id) }),
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const readUntil = async (isDone: (text: string) => boolean): Promise<string> => {
    let text = '';
    for (;;) {
      if (isDone(text)) return text;
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value, { stream: true });
    }
  };
  return {
    id,
    response,
    server: await answered,
    receive: (expected) => readUntil((text) => text.includes(expected)),
    receiveEnd: () => readUntil(() => false),
    leave: () => aborter.abort(),
  };
};

const callBody = (id: number): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'search_orders', arguments: {} } });

const recordOf = (stream: OpenStream) => gateway.recordWhere(({ jsonRpcId }) => jsonRpcId === stream.id);

describe('a permitted call streams', () => {
  it('headers before the first event, each event before the server sends the next, then the end; recorded as ok', async () => {
    const stream = await open();
    expect(stream.response.status).toBe(200);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    let bytes = 0;
    for (let count = 1; count <= 5; count += 1) {
      stream.server.write(progress(count));
      const received = await stream.receive(`"progress":${count}`);
      expect(received).toBe(progress(count));
      bytes += received.length;
    }
    stream.server.end(answerOf(stream.id));
    const last = await stream.receiveEnd();
    expect(last).toBe(answerOf(stream.id));
    expect(await recordOf(stream)).toMatchObject({
      decision: 'allow',
      outcome: 'ok',
      status: 200,
      responseBytes: bytes + last.length,
      tool: 'search_orders',
    });
  });

  it('half an event passes before the server sends its other half', async () => {
    const stream = await open();
    const event = answerOf(stream.id);
    stream.server.write(event.slice(0, 40));
    expect(await stream.receive(event.slice(0, 40))).toBe(event.slice(0, 40));
    stream.server.end(event.slice(40));
    expect(await stream.receiveEnd()).toBe(event.slice(40));
    expect((await recordOf(stream)).outcome).toBe('ok');
  });

  it('a GET stream passes each message at once and owes no answer', async () => {
    const stream = await open(gateway, { method: 'GET' });
    for (let count = 1; count <= 3; count += 1) {
      stream.server.write(progress(count));
      await stream.receive(`"progress":${count}`);
    }
    stream.server.end();
    expect(await stream.receiveEnd()).toBe('');
    expect(await gateway.recordWhere(({ httpMethod }) => httpMethod === 'GET')).toMatchObject({
      decision: 'allow',
      outcome: 'none',
    });
  });
});

describe('a stream that does not end well', () => {
  const closed = (stream: OpenStream): Promise<true> =>
    waitFor(() => (stream.server.destroyed || stream.server.closed ? true : undefined));

  it('the client leaves: the server notices at once, and the outcome is unknown (incomplete)', async () => {
    const stream = await open();
    stream.server.write(progress(1));
    await stream.receive('"progress":1');
    stream.leave();
    await closed(stream);
    expect(stream.server.writableFinished).toBe(false);
    expect(await recordOf(stream)).toMatchObject({ decision: 'allow', outcome: 'unknown', outcomeWhy: 'incomplete' });
  });

  it('the client leaves before the first event: the same', async () => {
    const stream = await open();
    stream.leave();
    await closed(stream);
    expect(await recordOf(stream)).toMatchObject({ outcome: 'unknown', outcomeWhy: 'incomplete' });
  });

  it('the client leaves after the answer: ok', async () => {
    const stream = await open();
    stream.server.write(answerOf(stream.id));
    await stream.receive('"result"');
    stream.leave();
    await closed(stream);
    expect(await recordOf(stream)).toMatchObject({ outcome: 'ok' });
  });

  it('the server breaks off: the client sees it, and the outcome is unknown (incomplete)', async () => {
    const stream = await open();
    stream.server.write(progress(1));
    await stream.receive('"progress":1');
    stream.server.destroy();
    await expect(stream.receiveEnd()).rejects.toThrow();
    expect(await recordOf(stream)).toMatchObject({ outcome: 'unknown', outcomeWhy: 'incomplete' });
  });

  it('the server ends without an answer: unknown (no_answer)', async () => {
    const stream = await open();
    stream.server.end(progress(1));
    expect(await stream.receiveEnd()).toBe(progress(1));
    expect(await recordOf(stream)).toMatchObject({ outcome: 'unknown', outcomeWhy: 'no_answer' });
  });
});

describe('the plugin server and a running stream', () => {
  it('killed in the middle and back: the stream goes on as if nothing had been, and the record is written', async () => {
    const stream = await open();
    stream.server.write(progress(1));
    await stream.receive('"progress":1');
    const pid = gateway.signal('SIGKILL');
    stream.server.write(progress(2));
    await stream.receive('"progress":2');
    upstream.answerWith(undefined);
    await waitFor(async () =>
      gateway.pluginServerPid() !== pid && isServed(await callTool(gateway.proxyUrl, 'search_orders', { id: 0 }))
        ? true
        : undefined,
    );
    stream.server.write(progress(3));
    await stream.receive('"progress":3');
    stream.server.end(answerOf(stream.id));
    await stream.receiveEnd();
    expect(await recordOf(stream)).toMatchObject({
      decision: 'allow',
      outcome: 'ok',
      tool: 'search_orders',
      tenant: 'acme',
    });
  });

  it('away when the stream ends: the answer is complete, and the record is delivered when the plugin server is back', async () => {
    const prefix = makePrefix();
    const server = new UnmanagedServer(prefix);
    await server.start();
    const lonely = await startTestGateway({
      declarative: governed(upstream.url),
      prefix,
      pluginServer: server.options,
    });
    try {
      const stream = await open(lonely);
      await server.close();
      stream.server.end(answerOf(stream.id));
      expect(await stream.receiveEnd()).toBe(answerOf(stream.id));
      await waitFor(() => lonely.lines.find((line) => line.includes('mcp-guard keeps 1 records')));
      expect(lonely.records()).toEqual([]);
      // It has seen no request: the guard tells it the configuration.
      await server.start();
      await lonely.recordWhere(({ jsonRpcId, outcome }) => jsonRpcId === stream.id && outcome === 'ok');
    } finally {
      await lonely.close();
      await server.close();
    }
  });
});
