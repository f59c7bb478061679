import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteOrder, modern, searchOrders, type Consumer, type CorpusRequest } from '../corpus/case.ts';
import { answerTo } from '../corpus/mcp-answer.ts';
import { keyOf, kongYml, pluginConfig } from '../corpus/kong-yml.ts';
import type { RawReply } from '../corpus/raw-http.ts';
import { waitFor } from '../setup/governed-demo.ts';
import { documentedVariants } from './kong-yml-variants.ts';
import { send } from './requests.ts';
import { startStack, type Origins, type Stack } from './stack.ts';

/** kong.yml's MCP service with the plugins of the comment in place of `mcp-guard`. */
const declarative = ({ mcp }: Origins): object => {
  const [governance, postFunction] = documentedVariants().postFunction;
  const { service_id: _id, ...shipped } = pluginConfig('orders-mcp') as Record<string, unknown>;
  return {
    _format_version: '3.0',
    services: [
      {
        name: 'orders-mcp',
        url: `${mcp}/commerce/mcp`,
        routes: [{ name: 'orders-mcp', paths: ['/mcp/orders'], response_buffering: false }],
        plugins: [
          { name: 'key-auth', config: { key_names: ['apikey'], hide_credentials: true } },
          { ...governance, config: { ...shipped, ...governance?.config } },
          postFunction,
        ],
      },
    ],
    consumers: kongYml.consumers,
  };
};

let stack: Stack;
beforeAll(async () => {
  // A node whose operator cannot add Lua files: no `kong.mcp_guard` either.
  stack = await startStack(declarative, { guardFile: false });
});
afterAll(async () => {
  await stack.close();
});

const as = (consumer: Consumer, request: CorpusRequest): Promise<RawReply> =>
  send(stack.proxyUrl, request, { apikey: keyOf(consumer) });

const search = modern('tools/call', { ...searchOrders });
const remove = modern('tools/call', deleteOrder);

describe('the post-function of kong.yml’s comments in place of mcp-guard', () => {
  it('lets an allowed call pass without its key, recorded with an unknown outcome', async () => {
    const reply = await as('acme-support', search);
    expect(answerTo(7, reply)).toHaveProperty('result.content');
    expect(stack.mcpServer.requests.at(-1)?.headers).not.toHaveProperty('apikey');
    expect(await stack.recordOf(reply)).toMatchObject({
      decision: 'allow',
      rule: 'acme-support-desk',
      tool: 'search_orders',
      tenant: 'acme',
      outcome: 'unknown',
      status: 200,
      upstreamStatus: 200,
    });
  });

  it('takes the key out of the query', async () => {
    const target = `${search.target}?apikey=${keyOf('acme-support')}&keep=1`;
    const reply = await send(stack.proxyUrl, { ...search, target });
    expect(reply.status).toBe(200);
    expect(stack.mcpServer.requests.at(-1)?.path).toBe('/commerce/mcp?keep=1');
    await stack.recordOf(reply);
    expect(stack.recordText()).not.toContain(keyOf('acme-support'));
  });

  it('keeps a denied call from the server, and it is recorded', async () => {
    const before = stack.mcpServer.requests.length;
    const reply = await as('acme-billing', remove);
    expect(answerTo(7, reply)).toMatchObject({ error: { code: -32602, message: 'Unknown tool: delete_order' } });
    expect(await stack.recordOf(reply)).toMatchObject({ decision: 'deny', rule: 'nobody-deletes', outcome: 'refused' });
    expect(stack.mcpServer.requests.length).toBe(before);
  });

  it.each<readonly [Consumer, readonly string[]]>([
    ['acme-billing', ['create_invoice', 'search_orders']],
    ['globex-agent', ['search_orders']],
  ])('shows %s only its %j', async (consumer, tools) => {
    const reply = await as(consumer, modern('tools/list', {}, { 'accept-encoding': 'gzip' }));
    const listed = answerTo(7, reply)?.result?.['tools'] as readonly { readonly name: string }[];
    expect(listed.map(({ name }) => name).sort()).toEqual(tools);
    expect(stack.mcpServer.requests.at(-1)?.headers).not.toHaveProperty('accept-encoding');
  });

  it('refuses an Upgrade', async () => {
    const before = stack.mcpServer.requests.length;
    const reply = await as('acme-support', { ...search, headers: { ...search.headers, upgrade: 'websocket' } });
    expect(reply.status).toBe(400);
    expect(stack.mcpServer.requests.length).toBe(before);
  });

  it('fails closed with 503 while the plugin server is killed, and works again when it is back', async () => {
    // Kong starts a plugin server at most once a second: after the second death none runs for a while.
    await killPluginServer();
    await waitFor(async () => ((await as('acme-support', search)).status === 200 ? true : undefined));
    await killPluginServer();
    const before = stack.mcpServer.requests.length;
    for (const request of [search, remove, modern('tools/list'), modern('server/discover')]) {
      const reply = await as('acme-support', request);
      expect({ status: reply.status, body: reply.body }).toEqual({
        status: 503,
        body: expect.stringContaining('governance unavailable') as string,
      });
    }
    expect(stack.mcpServer.requests.length).toBe(before);
    await waitFor(async () => ((await as('acme-support', search)).status === 200 ? true : undefined));
    expect(answerTo(7, await as('acme-billing', remove))).toMatchObject({
      error: { message: 'Unknown tool: delete_order' },
    });
    expect(stack.mcpServer.countCalls('delete_order')).toBe(0);
  });
});

const killPluginServer = async (): Promise<void> => {
  const pid = await waitFor(() => stack.gateway.pluginServerPid());
  process.kill(pid, 'SIGKILL');
  await waitFor(() => (stack.gateway.pluginServerPid() === pid ? undefined : true));
};
