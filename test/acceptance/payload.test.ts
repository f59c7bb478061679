import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteOrder, modern, modernMeta, post, rest, type CorpusRequest } from '../corpus/case.ts';
import { keyOf } from '../corpus/kong-yml.ts';
import { startCapturingServer, type CapturingServer } from './capturing-server.ts';
import { send } from './requests.ts';
import { shippedConfig } from './shipped-config.ts';
import { startStack, type Stack } from './stack.ts';

let server: CapturingServer;
let stack: Stack;
beforeAll(async () => {
  server = await startCapturingServer();
  stack = await startStack(() => shippedConfig({ mcp: server.url, rest: server.url }));
});
afterAll(async () => {
  await stack.close();
  await server.close();
});

const apikey = keyOf('acme-billing');
const CARD = '4111111111111111';
const PASSWORD = 'correct-horse-battery-staple';

/** What redaction is known to damage elsewhere, in JSON that a parser and a serializer would not give back as it is. */
const text = `{ "jsonrpc":"2.0",  "id":7,"method":"tools/call","params":{"_meta":${JSON.stringify(modernMeta)},"name":"search_orders",
  "arguments":{"query":"order 1712345678","host":"1.2.3.4","iban":"DE89 3704 0044 0532 0130 00","iban2":"GB82WEST12345698765432",
  "big":12345678901234567890,"decimal":1.0,"exponent":1E+2,"empty":[],"none":{},"z":1,"a":2,"escaped":"\\u00e9\\/","plain":"é",
  "customer":{"email":"ada@example.com","tax_id":"77-1"},"card":"${CARD}","note":"charge 4111-1111-1111-1111 now","password":"${PASSWORD}",
  "deep":[{"cardNumber":"${CARD}","Pass_Word":"${PASSWORD}"}]}} }`;

const call = post(text, {
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'search_orders',
});

/** facts/peers.md, acceptance test 14. */
describe('what a call carries', () => {
  it('reaches the server byte for byte, secrets included', async () => {
    const reply = await send(stack.proxyUrl, call, { apikey });
    expect(reply.status).toBe(200);
    expect(server.requests.at(-1)?.body.toString('utf8')).toBe(text);
  });

  it('is recorded with its plain values, and with its secrets replaced', async () => {
    const record = await stack.recordOf(await send(stack.proxyUrl, call, { apikey }));
    expect(record.arguments).toMatchObject({
      query: 'order 1712345678',
      host: '1.2.3.4',
      empty: [],
      none: {},
      z: 1,
      a: 2,
      plain: 'é',
    });
    expect(record.argumentsSha256).toMatch(/^[0-9a-f]{64}$/);
    expectNoSecrets(JSON.stringify(record));
    expect(JSON.stringify(record)).not.toContain('ada@example.com');
    expect(JSON.stringify(record)).not.toContain('77-1');
  });

  const hiding: readonly (readonly [string, CorpusRequest])[] = [
    ['a refused call', modern('tools/call', { ...deleteOrder, arguments: { orderId: CARD, password: PASSWORD } })],
    ['a tool name', modern('tools/call', { name: CARD })],
    ['a key that occurs twice', post(`{"jsonrpc":"2.0","id":7,"${CARD}":1,"${CARD}":2}`)],
    ['a key that is not allowed', post({ jsonrpc: '2.0', id: 7, method: 'ping', [`pay ${CARD}`]: 1 })],
    ['a method', post({ jsonrpc: '2.0', id: 7, method: `pay/${CARD}` })],
    ['an id', post({ jsonrpc: '2.0', id: CARD, method: 'tools/call', params: deleteOrder })],
    ['a resource URI', modern('resources/read', { uri: `cards://${CARD}` })],
    ['the user agent', modern('tools/call', deleteOrder, { 'user-agent': `pay/${CARD}` })],
    ['the path of a REST call', rest('GET', `/payments/${CARD}`)],
    ['the escaped path of a REST call', rest('GET', `/payments/${CARD.replace('4', '%34')}`)],
    ['the query of a REST call', rest('GET', `/payments?limit=1&card=${CARD}&password=${PASSWORD}`)],
    ['the path of an unknown operation', rest('GET', `/cards/${CARD}`)],
    [
      'the body of a REST call',
      rest('POST', '/payments', { body: { customer: 'cus-1', card_number: CARD, password: PASSWORD } }),
    ],
  ];

  it.each(hiding)('hides a card number in %s from the record', async (_where, request) => {
    const record = await stack.recordOf(await send(stack.proxyUrl, request, { apikey }));
    expectNoSecrets(JSON.stringify(record));
  });

  it('stands in no record and in no line of the log in the end', () => {
    expect(stack.records().length).toBeGreaterThan(hiding.length);
    expectNoSecrets(stack.recordText());
    expectNoSecrets(stack.logged.join('\n'));
  });
});

const expectNoSecrets = (written: string): void => {
  for (const secret of [CARD, '4111-1111-1111-1111', '%34111111111111111', PASSWORD])
    expect(written).not.toContain(secret);
};
