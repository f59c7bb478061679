import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../../kong-plugin/local-gateway/testing/raw-request.ts';
import { governed } from './harness/declarative.ts';
import { listTools } from './harness/mcp-client.ts';
import { answerPlainly, resultOf, startMcpUpstream, type Answer, type McpUpstream } from './harness/mcp-upstream.ts';
import { startTestGateway, type TestGateway } from './harness/test-gateway.ts';

let upstream: McpUpstream;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await startMcpUpstream();
  gateway = await startTestGateway({ declarative: governed(upstream.url) });
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

afterEach(() => upstream.answerWith(undefined));

const message = JSON.stringify({ jsonrpc: '2.0', id: 1, result: resultOf({ method: 'tools/list', tool: undefined }) });

const sends =
  (status: number, type: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_call, outgoing) =>
    void outgoing.writeHead(status, { 'content-type': type, ...headers }).end(body);

describe('a list that cannot be filtered is withheld, whatever its form', () => {
  const unreadable: readonly (readonly [string, Answer])[] = [
    ['gzip', sends(200, 'application/json', gzipSync(message), { 'content-encoding': 'gzip' })],
    ['JSON that breaks off', sends(200, 'application/json', message.slice(0, -2))],
    ['text', sends(200, 'text/plain', message)],
    ['HTML of an error page, status 500', sends(500, 'text/html', `<pre>${message}</pre>`)],
    ['a list for another id', sends(200, 'application/json', message.replace('"id":1', '"id":2'))],
    ['tools that are no array', sends(200, 'application/json', message.replace('[', '{"a":[').replace(']', ']}'))],
    ['a batch of lists', sends(200, 'application/json', `[${message},${message}]`)],
    ['two JSON texts in a row', sends(200, 'application/json', `${message}\n${message}`)],
    ['no content type', (_call, outgoing) => void outgoing.writeHead(200).end(message)],
  ];

  it.each(unreadable)('%s', async (_title, answer) => {
    upstream.answerWith(answer);
    const { status, body } = await listTools(gateway.proxyUrl);
    expect(status).toBeGreaterThanOrEqual(500);
    expect(body).not.toContain('delete_order');
  });

  it.each([
    ['JSON', sends(200, 'application/json', message)],
    ['an SSE stream', sends(200, 'text/event-stream', `event: message\ndata: ${message}\n\n`)],
    ['an SSE stream with CRLF', sends(200, 'text/event-stream', `: hello\r\ndata: ${message}\r\n\r\n`)],
  ] as const)('%s is filtered and shown', async (_title, answer) => {
    upstream.answerWith(answer);
    const { status, body } = await listTools(gateway.proxyUrl);
    expect([status, body.includes('search_orders'), body.includes('delete_order')]).toEqual([200, true, false]);
  });

  it('the server breaks off in the middle: 502 from Kong, and not one tool', async () => {
    upstream.answerWith((_call, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
      outgoing.write(message, () => outgoing.destroy());
    });
    const { status, body } = await listTools(gateway.proxyUrl);
    expect([status, body.includes('delete_order')]).toEqual([502, false]);
  });
});

describe('Upgrade on a list would switch the filter off on Kong: it is refused and never forwarded', () => {
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
  const head = (host: string, headers: readonly string[]): readonly string[] => [
    'POST /mcp HTTP/1.1',
    `Host: ${host}`,
    'apikey: key-alice',
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `Content-Length: ${body.length}`,
    ...headers,
  ];

  it.each([
    ['with Connection: Upgrade', ['Upgrade: websocket', 'Connection: Upgrade, close']],
    ['without a Connection header for it', ['Upgrade: websocket', 'Connection: close']],
    ['in other letters', ['uPGRADE: WebSocket', 'Connection: close']],
    ['another protocol', ['Upgrade: foo/2', 'Connection: Upgrade, close']],
  ])('%s', async (_title, headers) => {
    const before = upstream.received.length;
    const answer = await sendRaw(gateway.proxyUrl, head(new URL(gateway.proxyUrl).host, headers), body);
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain('tools');
    expect(upstream.received.length).toBe(before);
  });

  it('h2c, which Java clients send and Kong ignores, is a list like any other', async () => {
    upstream.answerWith(answerPlainly);
    const headers = ['Upgrade: h2c', 'Connection: close'];
    const answer = await sendRaw(gateway.proxyUrl, head(new URL(gateway.proxyUrl).host, headers), body);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('search_orders');
    expect(answer.body).not.toContain('delete_order');
  });
});
