import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteOrder, legacy, modern, post, searchOrders, type CorpusRequest } from '../corpus/case.ts';
import { answerTo } from '../corpus/mcp-answer.ts';
import type { RawReply } from '../corpus/raw-http.ts';
import { ISSUER, oauthConfig } from './oauth.kong.ts';
import { send } from './requests.ts';
import { startStack, type Stack } from './stack.ts';
import { hs256, rs256 } from './tokens.ts';

const RESOURCE = 'https://gw.example.com/mcp/orders';
const METADATA = 'https://gw.example.com/.well-known/oauth-protected-resource/mcp/orders';

const initialize = legacy('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'claude-ai', version: '0.1.0' },
});
const invoice = { name: 'create_invoice', arguments: { customer: 'Ada', amount: 5, currency: 'EUR' } };

/** facts/peers.md, acceptance test 16, with the configuration that kong.yml's comments show. */
describe.each([{ issuer: rs256() }, { issuer: hs256() }])(
  'a client with OAuth tokens ($issuer.algorithm)',
  ({ issuer }) => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await startStack(oauthConfig(issuer));
    });
    afterAll(async () => {
      await stack.close();
    });

    const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600;
    const claims = (): Readonly<Record<string, unknown>> => ({
      iss: ISSUER,
      aud: RESOURCE,
      sub: 'ada',
      scope: 'orders.read',
      exp: inAnHour(),
    });
    const token = (changes: Readonly<Record<string, unknown>> = {}): string =>
      issuer.issue({ ...claims(), ...changes });
    const withToken = (
      request: CorpusRequest,
      bearer: string,
      more: Readonly<Record<string, string>> = {},
    ): Promise<RawReply> => send(stack.proxyUrl, request, { Authorization: `Bearer ${bearer}`, ...more });
    const bodyless = (
      method: string,
      target: string,
      headers: Readonly<Record<string, string>> = {},
    ): CorpusRequest => ({ method, target, headers });

    it('is told by a 401 where the metadata is, absolutely, and which scope to ask for', async () => {
      const reply = await send(stack.proxyUrl, initialize);
      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toBe(`Bearer scope="orders.read", resource_metadata="${METADATA}"`);
      expect(reply.headers.get('content-type')).toBe('application/json');
      expect(await stack.recordOf(reply)).toMatchObject({ decision: 'deny', reason: 'unauthenticated' });
      expect(stack.mcpServer.requests).toHaveLength(0);
    });

    it('reads the document there without a token, from a browser as well, and is not recorded as a call', async () => {
      const { pathname } = new URL(METADATA);
      const reply = await send(stack.proxyUrl, bodyless('GET', pathname, { origin: 'https://claude.ai' }));
      expect(reply.status).toBe(200);
      expect(reply.headers.get('access-control-allow-origin')).toBe('*');
      expect(JSON.parse(reply.body)).toEqual({
        resource: RESOURCE,
        authorization_servers: [ISSUER],
        scopes_supported: ['orders.read'],
        bearer_methods_supported: ['header'],
      });
      expect((await send(stack.proxyUrl, bodyless('OPTIONS', pathname))).status).toBe(204);
      expect((await send(stack.proxyUrl, bodyless('POST', pathname))).status).toBe(405);
      expect(stack.mcpServer.requests).toHaveLength(0);
      expect(stack.records().filter(({ path, status }) => path === pathname && status < 400)).toEqual([]);
    });

    it('then opens a session, lists and calls, and its token does not reach the server', async () => {
      const bearer = token();
      const opened = await withToken(initialize, bearer);
      const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
      expect(opened.status).toBe(200);
      await withToken(post({ jsonrpc: '2.0', method: 'notifications/initialized' }), bearer, session);

      const list = await withToken(legacy('tools/list'), bearer, session);
      const tools = answerTo(7, list)?.result?.['tools'] as readonly { readonly name: string }[];
      expect(tools.map(({ name }) => name).sort()).toEqual(['create_invoice', 'search_orders']);

      const called = await withToken(legacy('tools/call', searchOrders), bearer, session);
      expect(answerTo(7, called)).toHaveProperty('result.content');
      expect(await stack.recordOf(called)).toMatchObject({
        decision: 'allow',
        tool: 'search_orders',
        tenant: 'acme',
        consumer: 'acme-login',
        user: 'ada',
      });
      for (const { headers } of stack.mcpServer.requests) expect(headers).not.toHaveProperty('authorization');
      expect(stack.recordText() + stack.logged.join('\n')).not.toContain(bearer);
    });

    it.each<readonly [string, Readonly<Record<string, unknown>>]>([
      ['another audience', { aud: 'https://other.example.com/mcp' }],
      ['an audience that begins like ours', { aud: `${RESOURCE}/` }],
      ['no audience', { aud: undefined }],
      ['a list of other audiences', { aud: ['a', 'b'] }],
    ])('with a token for %s gets 401 invalid_token', async (_what, changes) => {
      const before = stack.mcpServer.requests.length;
      const reply = await withToken(modern('tools/call', { ...searchOrders }), token(changes));
      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toBe(
        `Bearer error="invalid_token", scope="orders.read", resource_metadata="${METADATA}"`,
      );
      expect(await stack.recordOf(reply)).toMatchObject({ decision: 'deny', reason: 'invalid_token' });
      expect(stack.mcpServer.requests.length).toBe(before);
    });

    it.each<readonly [string, () => string]>([
      ['has expired', () => token({ exp: Math.floor(Date.now() / 1000) - 60 })],
      ['never expires', () => token({ exp: undefined })],
      ['comes from another issuer', () => token({ iss: 'https://evil.example' })],
      [
        'was changed',
        () =>
          token().replace(
            /\.[^.]+\./,
            `.${Buffer.from(JSON.stringify({ ...claims(), sub: 'root' })).toString('base64url')}.`,
          ),
      ],
      ['has no signature', () => token().replace(/[^.]+$/, '')],
      ['says alg none', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token().split('.')[1] ?? ''}.`],
      ['is none', () => 'garbage'],
    ])('with a token that %s gets 401 invalid_token with the metadata', async (_what, bearer) => {
      const before = stack.mcpServer.requests.length;
      const reply = await withToken(modern('tools/call', { ...searchOrders }), bearer());
      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toBe(
        `Bearer error="invalid_token", scope="orders.read", resource_metadata="${METADATA}"`,
      );
      expect(stack.mcpServer.requests.length).toBe(before);
    });

    it('is stepped up by 403 with all scopes of the call, and passes with them', async () => {
      const before = stack.mcpServer.countCalls('create_invoice');
      const refused = await withToken(modern('tools/call', invoice), token());
      expect(refused.status).toBe(403);
      expect(refused.headers.get('www-authenticate')).toBe(
        `Bearer error="insufficient_scope", scope="orders.read invoices.write", resource_metadata="${METADATA}"`,
      );
      expect(await stack.recordOf(refused)).toMatchObject({
        decision: 'deny',
        reason: 'insufficient_scope',
        tool: 'create_invoice',
      });
      expect(stack.mcpServer.countCalls('create_invoice')).toBe(before);

      const allowed = await withToken(modern('tools/call', invoice), token({ scope: 'orders.read invoices.write' }));
      expect(allowed.status).toBe(200);
      expect(stack.mcpServer.countCalls('create_invoice')).toBe(before + 1);
    });

    it('is not stepped up to a tool that no rule allows: it is unknown', async () => {
      const reply = await withToken(
        modern('tools/call', deleteOrder),
        token({ scope: 'orders.read invoices.write admin' }),
      );
      expect(answerTo(7, reply)).toMatchObject({ error: { code: -32602, message: 'Unknown tool: delete_order' } });
      expect(reply.headers.get('www-authenticate')).toBeUndefined();
      expect(stack.mcpServer.countCalls('delete_order')).toBe(0);
    });

    it('shares its session with no other user of the same login', async () => {
      const opened = await withToken(initialize, token());
      const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
      expect((await withToken(legacy('ping'), token(), session)).status).toBe(200);
      expect((await withToken(legacy('ping'), token({ sub: 'bob' }), session)).status).toBe(404);
    });
  },
);
