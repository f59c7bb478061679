import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { isServed } from '../failures/harness/mcp-client.ts';
import { waitFor } from '../setup/governed-demo.ts';
import { reasonOf, startOrders, type OrdersGateway, type OrdersOptions } from './orders-gateway.ts';

const open: OrdersGateway[] = [];
const streams: AbortController[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.abort();
  for (const gateway of open.splice(0)) await gateway.close();
});

const start = async (options: OrdersOptions): Promise<OrdersGateway> => {
  const gateway = await startOrders(options);
  open.push(gateway);
  return gateway;
};

const VERSION = '2026-07-28';

const listen = {
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    'mcp-protocol-version': VERSION,
    'mcp-method': 'subscriptions/listen',
  },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'subscriptions/listen',
    params: {
      notifications: { toolsListChanged: true },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': VERSION,
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  }),
};

const getStream = { method: 'GET', headers: { 'mcp-protocol-version': '2025-11-25' } };

interface Opened {
  readonly answer: Response;
  /** The client closes it. */
  close(): void;
}

/** Opens a stream as alice; resolves when the headers of the answer are there. */
const openStream = async (
  gateway: OrdersGateway,
  { headers, ...request }: { readonly method: string; readonly headers: Readonly<Record<string, string>> },
): Promise<Opened> => {
  const stream = new AbortController();
  streams.push(stream);
  const answer = await fetch(`${gateway.proxyUrl}/mcp`, {
    ...request,
    headers: { accept: 'application/json, text/event-stream', apikey: 'key-alice', ...headers },
    signal: stream.signal,
  });
  return { answer, close: () => stream.abort() };
};

/** Streams stay open until the returned function ends them; calls are answered at once. */
const serveStreams = (gateway: OrdersGateway): { readonly endAll: () => void } => {
  const held: ServerResponse[] = [];
  gateway.upstream.answerWith((call, outgoing) => {
    if (call.method === 'tools/call') {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, result: { content: [] } }));
      return;
    }
    held.push(outgoing);
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write(': open\n\n');
  });
  return { endAll: () => held.splice(0).forEach((outgoing) => outgoing.end()) };
};

const reasonIn = ({ answer }: Opened): string | null => answer.headers.get('x-mcp-governance-reason');

describe.each([
  ['subscriptions/listen', listen],
  ['a GET stream', getStream],
])('%s under a limit of 1 at a time', (_, request) => {
  const setUp = async (limit: object = {}) => {
    const limits = [{ id: 'one', kind: 'concurrent', limit: 1, per: ['tenant'], ...limit }];
    const gateway = await start({ policy: { limits }, config: { mcp: { get_streams: 'allow' } } });
    return { gateway, ...serveStreams(gateway) };
  };

  it('holds the place while it is open: neither a second stream nor a call passes', async () => {
    const { gateway } = await setUp();
    const first = await openStream(gateway, request);
    expect([first.answer.status, reasonIn(first)]).toEqual([200, null]);
    const second = await openStream(gateway, request);
    expect([second.answer.status, reasonIn(second)]).toEqual([429, 'concurrency_limited']);
    expect(await second.answer.text()).toContain('open the stream again');
    expect(reasonOf(await gateway.call())).toBe('concurrency_limited');
    expect(gateway.upstream.received).toHaveLength(1);
  });

  it.each(['server', 'client'] as const)('gives the place back when the %s ends it', async (who) => {
    const { gateway, endAll } = await setUp();
    const first = await openStream(gateway, request);
    if (who === 'server') endAll();
    else first.close();
    const next = await waitFor(async () => {
      const answer = await gateway.call();
      return reasonOf(answer) === 'concurrency_limited' ? undefined : answer;
    });
    expect(isServed(next)).toBe(true);
  });

  it('is free under a limit for some tools, and costs no units', async () => {
    const { gateway } = await setUp({ tools: ['search_orders'] });
    const opened = [await openStream(gateway, request), await openStream(gateway, request)];
    expect(opened.map(({ answer }) => answer.status)).toEqual([200, 200]);
    expect(isServed(await gateway.call())).toBe(true);
  });
});
