import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MCP_PATH, modern, rest, searchOrders } from '../corpus/case.ts';
import { answerTo } from '../corpus/mcp-answer.ts';
import { keyOf } from '../corpus/kong-yml.ts';
import { send } from './requests.ts';
import { shippedConfig } from './shipped-config.ts';
import { startStack, type Stack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack(shippedConfig);
});
afterAll(async () => {
  await stack.close();
});

const search = modern('tools/call', { ...searchOrders });

/** facts/peers.md, acceptance test 2. */
const spoofs: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['X-Tenant-ID', { 'X-Tenant-ID': 'acme' }],
  ['X-Consumer-Username', { 'X-Consumer-Username': 'acme-billing' }],
  ['X-Consumer-Custom-ID', { 'X-Consumer-Custom-ID': 'acme-billing-desk' }],
  ['X-Consumer-ID', { 'X-Consumer-ID': '5f0e6c0a-0000-4000-8000-000000000000' }],
  ['X-Consumer-Groups', { 'X-Consumer-Groups': 'admins' }],
  ['x_consumer_username', { x_consumer_username: 'acme-billing' }],
];

describe('identity that a client claims', () => {
  it.each(spoofs)('in %s opens no tool, shows no tool, and does not reach the server', async (header, spoof) => {
    const headers = { apikey: keyOf('globex-agent'), ...spoof };
    const [name = '', value = ''] = Object.entries(spoof)[0] ?? [];

    const denied = await send(stack.proxyUrl, modern('tools/call', { name: 'create_invoice' }), headers);
    expect(answerTo(7, denied)).toMatchObject({ error: { message: 'Unknown tool: create_invoice' } });
    expect(await stack.recordOf(denied)).toMatchObject({
      consumer: 'globex-agent',
      tenant: 'globex',
      decision: 'deny',
    });

    const list = await send(stack.proxyUrl, modern('tools/list'), headers);
    expect(answerTo(7, list)?.result?.['tools']).toMatchObject([{ name: 'search_orders' }]);

    const allowed = await send(stack.proxyUrl, search, headers);
    expect(await stack.recordOf(allowed)).toMatchObject({
      consumer: 'globex-agent',
      tenant: 'globex',
      decision: 'allow',
    });
    expect(JSON.stringify(stack.mcpServer.requests.at(-1)?.headers), header).not.toContain(`"${value}"`);
    expect(stack.mcpServer.requests.at(-1)?.headers['x-consumer-username']).toBe('globex-agent');
    expect(name).not.toBe('');
  });

  it('does nothing for somebody without a key: 401, and nothing arrives', async () => {
    const before = stack.mcpServer.requests.length;
    const reply = await send(stack.proxyUrl, search, {
      'X-Tenant-ID': 'acme',
      'X-Consumer-ID': 'acme-billing',
      'X-Consumer-Username': 'acme-billing',
      'X-Anonymous-Consumer': 'false',
    });
    expect(reply.status).toBe(401);
    expect(await stack.recordOf(reply)).toMatchObject({ decision: 'deny', reason: 'unauthenticated' });
    expect(stack.mcpServer.requests.length).toBe(before);
  });
});

/** facts/peers.md, acceptance test 3. */
describe('credentials that are none', () => {
  it.each([
    ['no Authorization', {}],
    ['Basic', { Authorization: `Basic ${btoa('acme-support:secret')}` }],
    ['Basic that is no Base64', { Authorization: 'Basic ???' }],
    ['Bearer', { Authorization: 'Bearer test-key-acme-support' }],
    ['an empty Bearer', { Authorization: 'Bearer' }],
    ['a scheme that does not exist', { Authorization: 'Garbage x y z' }],
    ['a key of nobody', { apikey: 'no-such-key' }],
  ])('(%s) get 401 with a challenge, from the MCP server and from the REST API', async (_form, headers) => {
    const before = [stack.mcpServer.requests.length, stack.restApi.requests.length];
    for (const request of [search, modern('tools/list'), rest('GET', '/products')]) {
      const reply = await send(stack.proxyUrl, request, headers);
      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toBe('Key');
      expect(await stack.recordOf(reply)).toMatchObject({ decision: 'deny', reason: 'unauthenticated', status: 401 });
    }
    expect([stack.mcpServer.requests.length, stack.restApi.requests.length]).toEqual(before);
  });
});

describe('the credential of a client', () => {
  const apikey = keyOf('acme-support');

  it.each([
    ['in the apikey header', MCP_PATH, { apikey }],
    ['in the query', `${MCP_PATH}?apikey=${apikey}&keep=1`, {}],
    [
      'in the query and beside an Authorization',
      `${MCP_PATH}?apikey=${apikey}`,
      { Authorization: 'Bearer other-secret' },
    ],
  ])('%s reaches neither the server nor a record nor a log line', async (_where, target, headers) => {
    const reply = await send(stack.proxyUrl, { ...search, target }, headers);
    expect(reply.status).toBe(200);
    await stack.recordOf(reply);
    const arrived = JSON.stringify(stack.mcpServer.requests.at(-1));
    for (const secret of [apikey, 'other-secret']) {
      expect(arrived).not.toContain(secret);
      expect(stack.recordText()).not.toContain(secret);
      expect(stack.logged.join('\n')).not.toContain(secret);
    }
    expect(stack.mcpServer.requests.at(-1)?.path.includes('keep=1')).toBe(target.includes('keep=1'));
  });
});
