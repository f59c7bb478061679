import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteOrder, legacy, searchOrders, modern } from '../corpus/case.ts';
import { keyOf } from '../corpus/kong-yml.ts';
import { sendRaw, type RawRequest } from '../corpus/raw-http.ts';
import { startCapturingServer, type CapturingServer } from './capturing-server.ts';
import { send } from './requests.ts';
import { shippedConfig } from './shipped-config.ts';
import { startStack, type Stack } from './stack.ts';

let server: CapturingServer;
let stack: Stack;
beforeAll(async () => {
  server = await startCapturingServer();
  stack = await startStack((origins) => {
    const shipped = shippedConfig(origins);
    const existing = {
      name: 'existing-api',
      url: server.url,
      routes: [{ name: 'existing-api', paths: ['/existing'] }],
    };
    return { ...shipped, services: [...shipped.services, existing] };
  });
});
afterAll(async () => {
  await stack.close();
  await server.close();
});

/** What governance would refuse or change, were it asked. */
const headers: RawRequest['headers'] = [
  ['Host', 'api.example'],
  ['X-Consumer-Username', 'ada'],
  ['X-Tenant-ID', 'north'],
  ['Authorization', 'Bearer token-of-the-existing-api'],
  ['apikey', 'key-of-the-existing-api'],
  ['X-HTTP-Method-Override', 'PATCH'],
  ['mcp_name', 'x'],
  ['Origin', 'https://elsewhere.example'],
  ['X-Repeated', '1'],
  ['X-Repeated', '2'],
  ['Content-Encoding', 'gzip'],
  ['Content-Type', 'text/plain'],
];
const body = gzipSync('{"a":1,"a":2}');
const request: RawRequest = { method: 'PUT', target: '/existing/a;b/c%2Fd?apikey=k&x=%20', headers, body };

/** facts/peers.md, acceptance test 15. */
describe('a REST route that nobody governs, in the same Kong', () => {
  it('gets its requests with every header, query and byte that governance would have touched', async () => {
    const reply = await sendRaw(stack.proxyUrl, request);
    const arrived = server.requests.at(-1);
    expect(reply).toMatchObject({ status: 200, body: expect.stringContaining('"resultType"') as string });
    expect(reply.headers.get('x-from')).toBe('the server');
    expect(arrived?.target).toBe('/a;b/c%2Fd?apikey=k&x=%20');
    expect(arrived?.body.equals(body)).toBe(true);
    const pairs = pairsOf(arrived?.rawHeaders ?? []);
    for (const [name, value] of headers.slice(1)) expect(pairs).toContain(`${name.toLowerCase()}: ${value}`);
  });

  it('may carry what looks like a forbidden MCP call: it is somebody else’s API', async () => {
    const before = server.requests.length;
    const reply = await send(stack.proxyUrl, { ...legacy('tools/call', deleteOrder), target: '/existing/mcp' });
    expect(reply.status).toBe(200);
    expect(server.requests.length).toBe(before + 1);
  });

  it('leaves no record', async () => {
    await sendRaw(stack.proxyUrl, request);
    const governed = await send(stack.proxyUrl, modern('tools/call', { ...searchOrders }), {
      apikey: keyOf('acme-support'),
    });
    await stack.recordOf(governed);
    expect(stack.records().filter(({ path }) => path.startsWith('/existing'))).toEqual([]);
  });

  it('answers while the plugin server is gone and every governed route refuses', async () => {
    const pid = stack.gateway.pluginServerPid();
    if (pid === undefined) throw new Error('no plugin server runs');
    process.kill(pid, 'SIGKILL');
    const before = stack.mcpServer.countCalls();
    expect((await sendRaw(stack.proxyUrl, request)).status).toBe(200);
    const governed = await send(stack.proxyUrl, modern('tools/call', deleteOrder), { apikey: keyOf('acme-billing') });
    // Refused by the guard, or by the plugin server that has come back in the meantime.
    expect(governed.status === 503 || governed.body.includes('Unknown tool')).toBe(true);
    expect(stack.mcpServer.countCalls()).toBe(before);
  });
});

const pairsOf = (raw: readonly string[]): readonly string[] =>
  raw.flatMap((name, index) => (index % 2 === 0 ? [`${name.toLowerCase()}: ${raw[index + 1] ?? ''}`] : []));
