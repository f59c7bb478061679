import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../../kong-plugin/local-gateway/testing/raw-request.ts';
import { governed } from './harness/declarative.ts';
import { isServed, post, type McpAnswer } from './harness/mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from './harness/mcp-upstream.ts';
import { startTestGateway, type TestGateway } from './harness/test-gateway.ts';

const MAX_BODY_BYTES = 4_194_304;

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

/** A call of exactly so many bytes. */
const bodyOf = (bytes: number, tool = 'search_orders'): string => {
  const [head, tail] = [
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${tool}","arguments":{"text":"`,
    '"}}}',
  ];
  return head + 'x'.repeat(bytes - head.length - tail.length) + tail;
};

const send = (body: string): Promise<McpAnswer> =>
  post(`${gateway.proxyUrl}/mcp`, { body, headers: { apikey: 'key-alice' } });

const sendChunked = (body: string, pieceBytes: number): Promise<{ readonly status: number; readonly body: string }> => {
  const pieces: string[] = [];
  for (let from = 0; from < body.length; from += pieceBytes) {
    const piece = body.slice(from, from + pieceBytes);
    pieces.push(`${piece.length.toString(16)}\r\n${piece}\r\n`);
  }
  const head = [
    'POST /mcp HTTP/1.1',
    `Host: ${new URL(gateway.proxyUrl).host}`,
    'apikey: key-alice',
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    'Transfer-Encoding: chunked',
    'Connection: close',
  ];
  return sendRaw(gateway.proxyUrl, head, `${pieces.join('')}0\r\n\r\n`);
};

const sha256 = (body: string): string => createHash('sha256').update(body).digest('hex');

/** The lengths that killed kong-pdk's decoder (65,502, 65,503, 65,511), the same before other multiples, and their surroundings. */
const criticalLengths = [1, 2, 3, 4].flatMap((multiple) =>
  [-34, -33, -25, -1, 0, 1].map((offset) => multiple * 65_536 + offset),
);
/** In base64 64 KB are 49,152 bytes: there a message about a body is cut where node reads. */
const base64Lengths = Array.from({ length: 60 }, (_, index) => 48_400 + index * 13);

describe('request bodies', () => {
  it.each([
    { title: `${criticalLengths.length} lengths around 1 to 4 times 64 KB`, lengths: criticalLengths },
    { title: `${base64Lengths.length} lengths around 64 KB of base64`, lengths: base64Lengths },
  ])('$title reach the server byte for byte, by one and the same plugin server', async ({ lengths }) => {
    const pid = gateway.pluginServerPid();
    for (const bytes of lengths) {
      const body = bodyOf(bytes);
      expect([bytes, isServed(await send(body))]).toEqual([bytes, true]);
      expect(upstream.received.at(-1)).toMatchObject({ bodyBytes: bytes, bodySha256: sha256(body) });
    }
    expect(gateway.pluginServerPid()).toBe(pid);
  });

  it('a denied tool in a body of each critical length never reaches the server', async () => {
    const before = upstream.received.length;
    for (const bytes of criticalLengths)
      expect((await send(bodyOf(bytes, 'delete_order'))).body).toContain('Unknown tool');
    expect(upstream.received.length).toBe(before);
  });

  it.each([
    [65_503, 1_000],
    [65_511, 65_511],
    [131_038, 16_384],
    [300, 1],
  ])(
    'a chunked body of %i bytes in pieces of %i passes unchanged, a denied tool in one does not',
    async (bytes, piece) => {
      const body = bodyOf(bytes);
      const answer = await sendChunked(body, piece);
      expect([answer.status, answer.body.includes('"result"')]).toEqual([200, true]);
      expect(upstream.received.at(-1)).toMatchObject({ bodyBytes: bytes, bodySha256: sha256(body) });
      const denied = await sendChunked(bodyOf(bytes, 'delete_order'), piece);
      expect(denied.body).toContain('Unknown tool');
      expect(upstream.callsOf('delete_order')).toBe(0);
    },
  );

  it('4 MiB pass; one byte more is 413 with a length or without, and is recorded', async () => {
    const largest = bodyOf(MAX_BODY_BYTES);
    expect(isServed(await send(largest))).toBe(true);
    expect(upstream.received.at(-1)).toMatchObject({ bodyBytes: MAX_BODY_BYTES, bodySha256: sha256(largest) });

    const before = upstream.received.length;
    const tooLarge = bodyOf(MAX_BODY_BYTES + 1);
    expect((await send(tooLarge)).status).toBe(413);
    expect((await sendChunked(tooLarge, 65_536)).status).toBe(413);
    expect(upstream.received.length).toBe(before);
    const record = await gateway.recordWhere(({ status }) => status === 413);
    expect(record).toMatchObject({ decision: 'deny', reason: 'too_large', outcome: 'refused' });
  });

  it('an array of 100,000 numbers in the arguments, which killed kong-pdk, is judged like any other', async () => {
    const pid = gateway.pluginServerPid();
    const numbers = Array.from({ length: 100_000 }, (_, index) => index);
    const call = (name: string): string =>
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { numbers } } });
    expect(isServed(await send(call('search_orders')))).toBe(true);
    expect(upstream.received.at(-1)?.bodySha256).toBe(sha256(call('search_orders')));
    expect((await send(call('delete_order'))).body).toContain('Unknown tool');
    expect(gateway.pluginServerPid()).toBe(pid);
    expect(upstream.callsOf('delete_order')).toBe(0);
  });

  it('a batch of 10,000 permitted calls is refused as a whole', async () => {
    const before = upstream.received.length;
    const answer = await send(`[${Array.from({ length: 10_000 }, () => bodyOf(200)).join(',')}]`);
    expect(answer.status).toBe(400);
    expect(upstream.received.length).toBe(before);
  });
});
