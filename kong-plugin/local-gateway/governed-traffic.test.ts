import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from './testing/test-gateway.ts';
import { startUpstream, type TestUpstream } from './testing/test-upstream.ts';

const governance = {
  name: 'mcp-governance',
  config: {
    server: { name: 'orders', kind: 'mcp' },
    rules: [{ id: 'alice-searches', effect: 'allow', callers: { consumers: ['alice'] }, tools: ['search'] }],
  },
};

describe('the shipped plugin server and the shipped guard', () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  beforeAll(async () => {
    upstream = await startUpstream((_incoming, outgoing, body) => {
      const { id, method } = JSON.parse(body.toString()) as { id: number; method: string };
      const tools = [
        { name: 'search', inputSchema: { type: 'object' } },
        { name: 'delete', inputSchema: { type: 'object' } },
      ];
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(
        JSON.stringify({ jsonrpc: '2.0', id, result: method === 'tools/list' ? { tools } : { content: [] } }),
      );
    });
    gateway = await startTestGateway(
      {
        services: [
          {
            name: 'up',
            url: upstream.url,
            routes: [{ name: 'r', paths: ['/mcp'] }],
            plugins: [{ name: 'key-auth' }, governance, { name: 'mcp-guard' }],
          },
        ],
        consumers: [{ username: 'alice', keyauth_credentials: [{ key: 'k' }] }],
      },
      { isShipped: true },
    );
  });
  afterAll(async () => {
    await gateway.close();
    await upstream.close();
  });

  const call = async (method: string, params: object) => {
    const before = upstream.seen.length;
    const answer = await fetch(`${gateway.proxyUrl}/mcp`, {
      method: 'POST',
      headers: { apikey: 'k', 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    return {
      status: answer.status,
      body: (await answer.json()) as Record<string, unknown>,
      reached: upstream.seen.length - before,
    };
  };

  it('lets an allowed call through, and not a denied one', async () => {
    expect(await call('tools/call', { name: 'search', arguments: {} })).toMatchObject({
      status: 200,
      reached: 1,
      body: { result: { content: [] } },
    });
    expect(await call('tools/call', { name: 'delete', arguments: {} })).toMatchObject({
      reached: 0,
      body: { error: { code: -32602 } },
    });
  });

  it('shows a list without what the caller may not use', async () => {
    const { body } = await call('tools/list', {});
    expect((body['result'] as { tools: readonly { name: string }[] }).tools.map(({ name }) => name)).toStrictEqual([
      'search',
    ]);
  });

  it('answers 503 while the plugin server is away, and works again once Kong has started it', async () => {
    process.kill(gateway.pluginServerPid() ?? 0, 'SIGKILL');
    await gateway.logged('terminated: SIGKILL');
    expect(await call('tools/call', { name: 'search', arguments: {} })).toMatchObject({ status: 503, reached: 0 });
    await expect
      .poll(() => call('tools/call', { name: 'search', arguments: {} }), { timeout: 10_000 })
      .toMatchObject({ status: 200, reached: 1 });
  });
});
