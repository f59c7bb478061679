import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteOrder, legacy, modern, post, searchOrders, type CorpusRequest } from '../corpus/case.ts';
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

const apikey = keyOf('acme-support');
const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: deleteOrder };
const ping = { jsonrpc: '2.0', id: 6, method: 'ping' };
const params = JSON.stringify(deleteOrder);

/** facts/peers.md, acceptance test 1: the forms in which other gateways let a forbidden tool pass. */
const forms: readonly (readonly [form: string, request: CorpusRequest, status: number])[] = [
  ['a single call', legacy('tools/call', deleteOrder), 200],
  ['a single call of 2026-07-28', modern('tools/call', deleteOrder), 200],
  ['element 2 of a batch of 3', post([ping, call, { ...ping, id: 8 }]), 400],
  [
    'a call that prefers a stream',
    legacy('tools/call', deleteOrder, { accept: 'text/event-stream, application/json;q=0.5' }),
    200,
  ],
  [
    'a call with a duplicate "method"',
    post(`{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/call","params":${params}}`),
    400,
  ],
  [
    'a call with a duplicate "name"',
    post('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"search_orders","name":"delete_order"}}'),
    400,
  ],
  ['a gzip body', post(gzipSync(JSON.stringify(call)), { 'content-encoding': 'gzip' }), 415],
  ['a body in chunks', { ...legacy('tools/call', deleteOrder), isChunked: true }, 200],
  ['text/plain', post(call, { 'content-type': 'text/plain' }), 415],
  ['an upper-case method', legacy('TOOLS/CALL', deleteOrder), 400],
  [
    'a unicode-escaped tool name',
    post('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"\\u0064elete_order"}}'),
    200,
  ],
];

describe('a forbidden tool', () => {
  it.each(forms)('called as %s is denied, recorded, and does not reach the server', async (_form, request, status) => {
    const before = stack.mcpServer.requests.length;
    const reply = await send(stack.proxyUrl, request, { apikey });
    const record = await stack.recordOf(reply);

    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toHaveProperty('error');
    expect(record).toMatchObject({
      decision: 'deny',
      outcome: 'refused',
      consumer: 'acme-support',
      tenant: 'acme',
      status,
    });
    expect(stack.mcpServer.requests.length).toBe(before);
  });

  it('does not keep an allowed one from reaching the server, through the same gateway', async () => {
    const reply = await send(stack.proxyUrl, modern('tools/call', { ...searchOrders }), { apikey });
    expect(await stack.recordOf(reply)).toMatchObject({ decision: 'allow', outcome: 'ok', tool: 'search_orders' });
    expect(stack.mcpServer.countCalls('search_orders')).toBe(1);
    expect(stack.mcpServer.countCalls('delete_order')).toBe(0);
  });

  it(`leaves ${forms.length} records of denials, each with the rule that made it`, () => {
    const denials = stack.records().filter(({ decision }) => decision === 'deny');
    expect(denials).toHaveLength(forms.length);
    expect(denials.every(({ rule, reason }) => rule !== undefined && reason !== undefined)).toBe(true);
  });
});
