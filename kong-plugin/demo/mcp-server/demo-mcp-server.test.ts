import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DemoMcpServer, startDemoMcpServer } from './demo-mcp-server.ts';

let server: DemoMcpServer;
beforeEach(async () => {
  server = await startDemoMcpServer({ port: 0 });
});
afterEach(async () => {
  await server.close();
});

const accept = 'application/json, text/event-stream';

interface Post {
  readonly url?: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** fetch does not let a test choose `Host`. */
function post({ url = server.url, body, headers = {} }: Post): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: 'POST', headers: { 'content-type': 'application/json', accept, ...headers } },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
      },
    );
    outgoing.once('error', reject);
    outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

const modernVersion = '2026-07-28';
function modern(method: string, params: Record<string, unknown> = {}): Post {
  const name = typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {};
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': modernVersion,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return {
    body: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } },
    headers: { 'mcp-protocol-version': modernVersion, 'mcp-method': method, ...name },
  };
}

const legacyList = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

describe('the demo MCP server', () => {
  it('lists only the 5 business tools on its business URL, and the fixtures as well on the other', async () => {
    const business = await post({ ...modern('tools/list'), url: server.businessUrl });
    const all = await post(modern('tools/list'));
    const namesOf = ({ text }: { text: string }): readonly string[] =>
      (JSON.parse(text) as { result: { tools: readonly { name: string }[] } }).result.tools.map((tool) => tool.name);
    const five = ['create_invoice', 'search_orders', 'delete_order', 'generate_report', 'confirm_refund'];
    expect(namesOf(business)).toEqual(five);
    expect(namesOf(all)).toEqual(expect.arrayContaining([...five, 'test_simple_text', 'test_sampling']));
  });

  it('shares its orders between both URLs', async () => {
    await post({
      ...modern('tools/call', { name: 'delete_order', arguments: { orderId: 'ord-1002' } }),
      url: server.businessUrl,
    });
    const found = await post(modern('tools/call', { name: 'search_orders', arguments: { query: 'acme' } }));
    expect(found.text).toContain('ord-1001');
    expect(found.text).not.toContain('ord-1002');
  });

  it('records an executed call with its arguments, and no call that it refused itself', async () => {
    await post(modern('tools/call', { name: 'delete_order', arguments: { orderId: 'ord-0' } }));
    await post(modern('tools/call', { name: 'delete_order', arguments: { wrong: true } }));
    await post(modern('tools/call', { name: 'no_such_tool', arguments: {} }));
    const refused = modern('tools/call', { name: 'delete_order', arguments: { orderId: 'ord-1001' } });
    await post({ ...refused, headers: { ...refused.headers, 'mcp-name': 'search_orders' } });
    expect(server.calls).toEqual([
      { tool: 'delete_order', arguments: { orderId: 'ord-0' }, era: 'modern', outcome: 'tool_error' },
    ]);
    expect([server.countCalls(), server.countCalls('delete_order'), server.countCalls('search_orders')]).toEqual([
      1, 1, 0,
    ]);
  });

  it('records every request that arrived, with its headers, executed or not', async () => {
    await post({ body: legacyList, headers: { 'x-seen': 'yes' } });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ httpMethod: 'POST', path: '/mcp', body: legacyList });
    expect(server.requests[0]?.headers).toMatchObject({ 'x-seen': 'yes' });
  });

  it.each([
    { case: 'a body that is not JSON', post: { body: '{' }, status: 400, code: -32700 },
    {
      case: 'a body of more than 4 MiB',
      post: { body: `"${'x'.repeat(4 * 1024 * 1024)}"` },
      status: 413,
      code: -32600,
    },
    { case: 'a legacy request without a session', post: { body: legacyList }, status: 400, code: -32000 },
    {
      case: 'a session that does not exist',
      post: { body: legacyList, headers: { 'mcp-session-id': 'made-up' } },
      status: 404,
      code: -32001,
    },
    {
      case: 'a foreign Host',
      post: { body: legacyList, headers: { host: 'evil.example' } },
      status: 403,
      code: -32000,
    },
    {
      case: 'a foreign Origin',
      post: { body: legacyList, headers: { origin: 'https://evil.example' } },
      status: 403,
      code: -32000,
    },
  ])('answers $status and $code to $case', async ({ post: request, status, code }) => {
    const answer = await post(request);
    expect({
      status: answer.status,
      code: (JSON.parse(answer.text) as { error: { code: number } }).error.code,
    }).toEqual({
      status,
      code,
    });
    expect(server.calls).toEqual([]);
  });

  it('answers 404 on any other path, and 200 on /health', async () => {
    expect((await post({ body: legacyList, url: `${server.url}/` })).status).toBe(404);
    expect((await fetch(new URL('/health', server.url))).status).toBe(200);
  });

  it('accepts a Host that it was told to accept', async () => {
    const open = await startDemoMcpServer({ port: 0, allowedHosts: ['mcp.internal'] });
    const answer = await post({
      ...modern('tools/list'),
      url: open.url,
      headers: { ...modern('tools/list').headers, host: 'mcp.internal:80' },
    });
    await open.close();
    expect(answer.status).toBe(200);
  });

  it('rejects when the port is taken', async () => {
    await expect(startDemoMcpServer({ port: Number(new URL(server.url).port) })).rejects.toThrow('EADDRINUSE');
  });
});
