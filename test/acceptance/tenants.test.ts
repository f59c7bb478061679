import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoItems, legacy, modern, post } from '../corpus/case.ts';
import { answerTo } from '../corpus/mcp-answer.ts';
import { send } from './requests.ts';
import { startStack, type Origins, type Stack } from './stack.ts';

const toolsOf: Readonly<Record<string, readonly string[]>> = {
  north: ['search_orders', 'generate_report'],
  south: ['create_invoice', 'confirm_refund'],
};
const tenants = Object.keys(toolsOf);
const keyOf = (tenant: string): string => `test-key-${tenant}`;

/** Two tenants that share a server and not one tool. */
const declarative = ({ mcp }: Origins): object => ({
  _format_version: '3.0',
  services: [
    {
      name: 'shared-mcp',
      url: `${mcp}/commerce/mcp`,
      routes: [{ name: 'shared-mcp', paths: ['/mcp/orders'], response_buffering: false }],
      plugins: [
        { name: 'key-auth', config: { key_names: ['apikey'] } },
        {
          name: 'mcp-governance',
          config: {
            server: { name: 'shared', kind: 'mcp' },
            rules: tenants.map((tenant) => ({ id: tenant, callers: { tenants: [tenant] }, tools: toolsOf[tenant] })),
          },
        },
        { name: 'mcp-guard' },
      ],
    },
  ],
  consumers: tenants.map((tenant) => ({
    username: `${tenant}-agent`,
    tags: [`tenant:${tenant}`],
    keyauth_credentials: [{ key: keyOf(tenant) }],
  })),
});

let stack: Stack;
beforeAll(async () => {
  stack = await startStack(declarative);
});
afterAll(async () => {
  await stack.close();
});

const listOf = async (tenant: string, request = modern('tools/list')): Promise<readonly string[]> => {
  const reply = await send(stack.proxyUrl, request, { apikey: keyOf(tenant) });
  const tools = (answerTo(7, reply)?.result?.['tools'] ?? []) as readonly { readonly name: string }[];
  return tools.map(({ name }) => name).sort();
};

/** facts/peers.md, acceptance test 4. */
describe('two tenants of one server', () => {
  it('see disjoint lists, each its own 2 of 5 tools, however often and in whatever order they ask', async () => {
    for (const tenant of ['north', 'south', 'south', 'north']) {
      expect(await listOf(tenant)).toEqual([...(toolsOf[tenant] ?? [])].sort());
    }
  });

  it('see disjoint lists in the legacy era as well', async () => {
    for (const tenant of tenants) {
      const apikey = keyOf(tenant);
      const opened = await send(
        stack.proxyUrl,
        legacy('initialize', {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'x', version: '1' },
        }),
        { apikey },
      );
      const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
      await send(stack.proxyUrl, post({ jsonrpc: '2.0', method: 'notifications/initialized' }), { apikey, ...session });
      const list = legacy('tools/list', undefined, session);
      expect(await listOf(tenant, list)).toEqual([...(toolsOf[tenant] ?? [])].sort());
    }
  });

  it('get lists that no cache may share: private, in the modern era', async () => {
    const reply = await send(stack.proxyUrl, modern('tools/list'), { apikey: keyOf('north') });
    expect(answerTo(7, reply)?.result?.['cacheScope'] ?? 'private').toBe('private');
  });

  it.each(tenants)('cannot tell a hidden tool from one that does not exist: %s', async (tenant) => {
    const hidden = demoItems.tool.filter((tool) => toolsOf[tenant]?.includes(tool) !== true);
    expect(hidden).toHaveLength(3);
    const before = stack.mcpServer.requests.length;
    for (const tool of [...hidden, 'no_such_tool']) {
      const reply = await send(stack.proxyUrl, modern('tools/call', { name: tool }), { apikey: keyOf(tenant) });
      expect(reply.body).toBe(`{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Unknown tool: ${tool}"}}`);
      expect([...reply.headers.keys()].filter((name) => name.startsWith('x-mcp'))).toEqual([]);
      expect(await stack.recordOf(reply)).toMatchObject({
        tool,
        tenant,
        decision: 'deny',
        rule: 'tool-access:no-rule-allows',
      });
    }
    expect(stack.mcpServer.requests.length).toBe(before);
  });
});
