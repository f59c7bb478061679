import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createMcpToolLister, type McpToolListerOptions } from './mcp-tool-lister.ts';
import { freePort } from './testing/free-port.ts';

interface Asked {
  readonly httpMethod: string;
  readonly headers: IncomingMessage['headers'];
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly cursor?: string; readonly _meta?: object };
}

type Answer = (asked: Asked, outgoing: ServerResponse) => void;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** An MCP endpoint; notes what it was asked. */
const startServer = async (answer: Answer): Promise<{ readonly url: string; readonly asked: readonly Asked[] }> => {
  const asked: Asked[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const message = (text === '' ? {} : JSON.parse(text)) as Omit<Asked, 'headers' | 'httpMethod'>;
      const request = { ...message, httpMethod: incoming.method ?? '', headers: incoming.headers };
      asked.push(request);
      answer(request, outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, asked };
};

const listerFor = (options: Omit<McpToolListerOptions, 'version'>) =>
  createMcpToolLister({ version: '1.2.3', ...options });

const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });

const sendJson = (outgoing: ServerResponse, body: object, status = 200, headers: Record<string, string> = {}): void => {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

/** Two pages in the newest revision. */
const modern: Answer = ({ id, params }, outgoing) =>
  sendJson(outgoing, {
    jsonrpc: '2.0',
    id,
    result: params?.cursor === 'two' ? { tools: [tool('b')] } : { tools: [tool('a')], nextCursor: 'two' },
  });

/** Only knows sessions: the newest revision is an error to it. */
const legacy: Answer = ({ httpMethod, headers, id, method }, outgoing) => {
  if (httpMethod === 'DELETE') outgoing.writeHead(204).end();
  else if (method === 'initialize')
    sendJson(outgoing, { jsonrpc: '2.0', id, result: { protocolVersion: '2025-06-18', capabilities: {} } }, 200, {
      'mcp-session-id': 'session-1',
    });
  else if (headers['mcp-session-id'] !== 'session-1')
    sendJson(outgoing, { jsonrpc: '2.0', id, error: { code: -32000, message: 'Bad Request' } }, 400);
  else if (id === undefined) outgoing.writeHead(202).end();
  else {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.end(
      `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result: { tools: [tool('old')] } })}\n\n`,
    );
  }
};

const namesIn = (answer: Awaited<ReturnType<ReturnType<typeof listerFor>['list']>>): readonly string[] =>
  answer.ok ? answer.value.flatMap(({ listed }) => listed.definitions.map(({ name }) => name)) : [answer.error];

describe('a tool lister', () => {
  it('fetches all pages in the newest revision, with headers that agree with the body', async () => {
    const { url, asked } = await startServer(modern);
    const answer = await listerFor({ url }).list();
    expect(answer).toMatchObject({
      ok: true,
      value: [{ listed: { isLast: false } }, { cursor: 'two', listed: { isLast: true } }],
    });
    expect(namesIn(answer)).toEqual(['a', 'b']);
    expect(asked.map(({ headers }) => [headers['mcp-protocol-version'], headers['mcp-method']])).toEqual([
      ['2026-07-28', 'tools/list'],
      ['2026-07-28', 'tools/list'],
    ]);
  });

  it('opens a session where that is not understood, ends it, and begins with one next time', async () => {
    const { url, asked } = await startServer(legacy);
    const lister = listerFor({ url });
    expect(namesIn(await lister.list())).toEqual(['old']);
    expect(asked.map(({ httpMethod, method }) => method ?? httpMethod)).toEqual([
      'tools/list',
      'initialize',
      'notifications/initialized',
      'tools/list',
      'DELETE',
    ]);
    expect(asked[3]?.headers['mcp-protocol-version']).toBe('2025-06-18');
    expect(namesIn(await lister.list())).toEqual(['old']);
    expect(asked[5]?.method).toBe('initialize');
  });

  it('sends the credential with every request, and to no redirect', async () => {
    const other = await startServer(modern);
    const { url, asked } = await startServer((_, outgoing) => outgoing.writeHead(307, { location: other.url }).end());
    const answer = await listerFor({ url, headers: { authorization: 'Bearer secret-1' } }).list();
    expect(answer.ok).toBe(false);
    expect(asked[0]?.headers.authorization).toBe('Bearer secret-1');
    expect(other.asked).toEqual([]);
    expect(JSON.stringify(answer)).not.toContain('secret-1');
  });

  it('gives up a server that does not answer in time', async () => {
    const { url } = await startServer(() => undefined);
    expect(namesIn(await listerFor({ url, timeoutMs: 100 }).list())).toEqual(['the server did not answer in time']);
  });

  it('gives up after 100 pages', async () => {
    const { url, asked } = await startServer(({ id }, outgoing) =>
      sendJson(outgoing, { jsonrpc: '2.0', id, result: { tools: [], nextCursor: `page-${id ?? 0}` } }),
    );
    expect(namesIn(await listerFor({ url }).list())).toEqual(['the list has more than 100 pages']);
    expect(asked.filter(({ method, headers }) => method === 'tools/list' && headers['mcp-method'])).toHaveLength(100);
  });

  it.each<[string, Answer, string]>([
    [
      'a page that is no list',
      ({ id }, outgoing) => sendJson(outgoing, { jsonrpc: '2.0', id, result: {} }),
      'HTTP 200',
    ],
    ['an HTML page', (_, outgoing) => outgoing.writeHead(502, { 'content-type': 'text/html' }).end('<p>'), 'HTTP 502'],
    [
      'two tools of one name',
      ({ id }, outgoing) => sendJson(outgoing, { jsonrpc: '2.0', id, result: { tools: [tool('a'), tool('a')] } }),
      'the same name',
    ],
  ])('answers %s with a sentence, not with half a list', async (_, answer, why) => {
    const { url } = await startServer(answer);
    const list = await listerFor({ url }).list();
    expect(list).toEqual({ ok: false, error: expect.stringContaining(why) });
  });

  it('says that nobody is there', async () => {
    const url = `http://127.0.0.1:${await freePort()}/mcp`;
    expect(namesIn(await listerFor({ url }).list())).toEqual(['ECONNREFUSED']);
  });
});
