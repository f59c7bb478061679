import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { legacy, MCP_PATH, post, searchOrders, type Consumer, type CorpusRequest } from '../corpus/case.ts';
import { answerTo } from '../corpus/mcp-answer.ts';
import { keyOf } from '../corpus/kong-yml.ts';
import type { RawReply } from '../corpus/raw-http.ts';
import { send } from './requests.ts';
import { shippedConfig } from './shipped-config.ts';
import { startStack, type Stack } from './stack.ts';

let stack: Stack;
let session: string;
beforeAll(async () => {
  stack = await startStack(shippedConfig);
  session = await open('acme-support');
});
afterAll(async () => {
  await stack.close();
});

const as = (consumer: Consumer, request: CorpusRequest, id?: string): Promise<RawReply> =>
  send(stack.proxyUrl, request, { apikey: keyOf(consumer), ...(id === undefined ? {} : { 'mcp-session-id': id }) });

const open = async (consumer: Consumer): Promise<string> => {
  const clientInfo = { name: 'acceptance', version: '1.0.0' };
  const reply = await as(
    consumer,
    legacy('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }),
  );
  const id = reply.headers.get('mcp-session-id') ?? '';
  await as(consumer, post({ jsonrpc: '2.0', method: 'notifications/initialized' }), id);
  return id;
};

const call = legacy('tools/call', searchOrders);
const stream = (headers: Readonly<Record<string, string>>): CorpusRequest => ({
  method: 'GET',
  target: MCP_PATH,
  headers: { accept: 'text/event-stream', ...headers },
});

const notFound = '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}';

describe('a session', () => {
  it('works for the consumer who opened it, and the server sees its own id for it', async () => {
    const reply = await as('acme-support', call, session);
    expect(answerTo(7, reply)).toHaveProperty('result.content');
    const upstreamId = stack.mcpServer.requests.at(-1)?.headers['mcp-session-id'];
    expect(session).toMatch(/^[0-9a-f-]{36}\.[A-Za-z0-9_-]{27}$/);
    expect(upstreamId).toBe(session.slice(0, 36));
  });

  it('is recorded by a digest that joins its records and opens nothing', async () => {
    const first = await stack.recordOf(await as('acme-support', call, session));
    const second = await stack.recordOf(await as('acme-support', legacy('ping'), session));
    expect(first.session).toMatch(/^[0-9a-f]{16}$/);
    expect(second.session).toBe(first.session);
    expect(stack.recordText()).not.toContain(session.slice(0, 36));
  });

  it.each<readonly [string, Consumer, (id: string) => string]>([
    ['another tenant', 'globex-agent', (id) => id],
    ['a colleague of the same tenant', 'acme-billing', (id) => id],
    ['its owner, with another tag', 'acme-support', (id) => `${id.slice(0, -2)}${id.endsWith('AA') ? 'BB' : 'AA'}`],
    ['its owner, with a shorter tag', 'acme-support', (id) => id.slice(0, -1)],
    ['its owner, without the tag', 'acme-support', (id) => id.slice(0, 36)],
    [
      'its owner, with the tag of another id',
      'acme-support',
      (id) => `${id.startsWith('0') ? '1' : '0'}${id.slice(1)}`,
    ],
    ['its owner, with the id twice', 'acme-support', (id) => `${id.slice(0, 36)}.${id}`],
  ])('does not exist for %s: 404 for a call, a list, a stream and its end', async (_who, consumer, change) => {
    const before = stack.mcpServer.requests.length;
    const id = change(session);
    for (const request of [
      call,
      legacy('tools/list'),
      stream({}),
      { method: 'DELETE', target: MCP_PATH, headers: {} },
    ]) {
      const reply = await as(consumer, request, id);
      expect({ status: reply.status, body: reply.body }).toEqual({ status: 404, body: notFound });
      expect(await stack.recordOf(reply)).toMatchObject({ decision: 'deny', reason: 'session_denied', consumer });
    }
    expect(stack.mcpServer.requests.length).toBe(before);
  });

  it('still works for its owner after all of that', async () => {
    expect(answerTo(7, await as('acme-support', call, session))).toHaveProperty('result.content');
  });
});

describe('Last-Event-ID', () => {
  it('of a caller whose lists are filtered is refused with 405, which SDK clients take silently', async () => {
    const before = stack.mcpServer.requests.length;
    const reply = await as('acme-support', stream({ 'last-event-id': 'any' }), session);
    expect(reply.status).toBe(405);
    expect(reply.headers.get('allow')).toContain('POST');
    expect(await stack.recordOf(reply)).toMatchObject({ decision: 'deny', reason: 'resume_refused' });
    expect(stack.mcpServer.requests.length).toBe(before);
  });

  it('on a POST does not reach the server', async () => {
    await as('acme-support', { ...call, headers: { ...call.headers, 'last-event-id': 'any' } }, session);
    expect(stack.mcpServer.requests.at(-1)?.headers).not.toHaveProperty('last-event-id');
  });

  it('spelt with underscores is refused with 400', async () => {
    const reply = await as('acme-support', stream({ last_event_id: 'any' }), session);
    expect(reply.status).toBe(400);
    expect(await stack.recordOf(reply)).toMatchObject({ reason: 'ambiguous_header' });
  });
});
