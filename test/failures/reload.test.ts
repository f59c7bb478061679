import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumers, governance, guard, keyAuth, service } from './harness/declarative.ts';
import { startLoad, statuses } from './harness/load.ts';
import { callTool, isServed, listTools, type McpAnswer } from './harness/mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from './harness/mcp-upstream.ts';
import { startTestGateway, toConfig, type TestGateway } from './harness/test-gateway.ts';

const withTool = (url: string, tool: string, callers: readonly object[]): object => ({
  services: [service({ url, plugins: [keyAuth, governance([tool]), guard] })],
  consumers: callers,
});

const kinds = ['search_orders', 'create_invoice', 'delete_order', 'list', 'bob'] as const;
type Kind = (typeof kinds)[number];

describe('POST /config under load', () => {
  let upstream: McpUpstream;
  let gateway: TestGateway;

  beforeAll(async () => {
    upstream = await startMcpUpstream();
    gateway = await startTestGateway({ declarative: withTool(upstream.url, 'search_orders', consumers), workers: 2 });
  });

  afterAll(async () => {
    await gateway.close();
    await upstream.close();
  });

  const reload = async (declarative: object): Promise<number> => {
    const response = await fetch(`${gateway.adminUrl}/config`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(toConfig(declarative).declarative),
    });
    await response.body?.cancel();
    return response.status;
  };

  const sendKind = (kind: Kind): Promise<McpAnswer> => {
    if (kind === 'list') return listTools(gateway.proxyUrl);
    if (kind === 'bob') return callTool(gateway.proxyUrl, 'search_orders', { key: 'key-bob' });
    return callTool(gateway.proxyUrl, kind);
  };

  it('6 reloads, 8 connections: no error for clients, no unguarded request, and the next request sees the change', async () => {
    const first = withTool(upstream.url, 'search_orders', consumers);
    const second = withTool(upstream.url, 'create_invoice', consumers.slice(0, 1));
    const load = startLoad({ kinds, connections: 8, maximumRequests: 4_000, send: sendKind });
    const tried: McpAnswer[] = [];
    for (let round = 0; round < 3; round += 1) {
      await load.until(20, ({ answer }) => answer.status === 200);
      expect(await reload(second)).toBe(201);
      // Started after the reload: the changed rules and the removed consumer are in force.
      tried.push(await callTool(gateway.proxyUrl, 'create_invoice', { id: 1_000 }));
      expect(isServed(tried.at(-1) as McpAnswer)).toBe(true);
      expect((await callTool(gateway.proxyUrl, 'search_orders')).body).toContain('Unknown tool');
      expect((await callTool(gateway.proxyUrl, 'search_orders', { key: 'key-bob' })).status).toBe(401);

      await load.until(20, ({ answer }) => answer.status === 200);
      expect(await reload(first)).toBe(201);
      expect((await callTool(gateway.proxyUrl, 'create_invoice')).body).toContain('Unknown tool');
      tried.push(await callTool(gateway.proxyUrl, 'search_orders', { id: 1_000, key: 'key-bob' }));
      expect(isServed(tried.at(-1) as McpAnswer)).toBe(true);
    }
    const sent = await load.stop();

    expect(Object.keys(statuses(sent)).filter((status) => !['200', '401'].includes(status))).toEqual([]);
    expect(sent.filter(({ kind, answer }) => kind !== 'bob' && answer.status === 401)).toEqual([]);
    expect(sent.filter(({ kind, answer }) => kind === 'list' && answer.body.includes('delete_order'))).toEqual([]);
    expect(upstream.callsOf('delete_order')).toBe(0);
    const calls = [...sent.filter(({ kind }) => kind !== 'list').map(({ answer }) => answer), ...tried];
    expect(upstream.received.filter(({ method }) => method === 'tools/call').length).toBe(
      calls.filter(isServed).length,
    );
  });

  it('a configuration that is refused changes nothing', async () => {
    expect(await reload(withTool(upstream.url, 'search_orders', consumers))).toBe(201);
    const bad = {
      consumers,
      services: [service({ url: upstream.url, plugins: [keyAuth, governance(['*'], { rulez: [] }), guard] })],
    };
    expect(await reload(bad)).toBe(400);
    expect(isServed(await callTool(gateway.proxyUrl, 'search_orders'))).toBe(true);
    expect((await callTool(gateway.proxyUrl, 'delete_order')).body).toContain('Unknown tool');
  });
});
