import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.ts';
import { startUpstream, type TestUpstream } from '../testing/test-upstream.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

const consumers = [
  {
    username: 'alice',
    custom_id: '42',
    keyauth_credentials: [{ id: 'b7351a09-c7d8-4738-a268-85577e1d1635', key: 'alice-key' }],
    acls: [{ group: 'gold' }, { group: 'mcp' }],
    jwt_secrets: [
      { key: 'alice-hs', secret: 'shared' },
      { key: 'alice-rs', algorithm: 'RS256', rsa_public_key: pem(rsa.publicKey) },
      { key: 'alice-es', algorithm: 'ES256', rsa_public_key: pem(ec.publicKey) },
    ],
  },
  { username: 'bob', keyauth_credentials: [{ key: 'bob-key' }] },
  { username: 'nobody' },
];

/** A gateway with these plugins on its one route, and what is asked of it. */
const start = async (plugins: readonly object[]) => {
  const upstream = await startUpstream();
  closers.push(() => upstream.close());
  const gateway = await startTestGateway({
    services: [{ name: 'up', url: upstream.url, routes: [{ name: 'r', paths: ['/r'], plugins }] }],
    consumers,
  });
  closers.push(() => gateway.close());
  return (path = '/r', init: RequestInit = {}) => ask({ upstream, gateway }, path, init);
};

const ask = async (
  { upstream, gateway }: { upstream: TestUpstream; gateway: TestGateway },
  path: string,
  init: RequestInit,
) => {
  const before = upstream.seen.length;
  const answer = await fetch(`${gateway.proxyUrl}${path}`, init);
  const text = await answer.text();
  const seen = upstream.seen[before];
  return { status: answer.status, headers: answer.headers, text, seen, sent: seen?.headers ?? {} };
};

const message = (text: string): unknown => (JSON.parse(text) as { message?: unknown }).message;

describe('key-auth', () => {
  it.each([
    ['no key', '/r', {}, 'No API key found in request'],
    ['an empty key', '/r', { apikey: '' }, 'No API key found in request'],
    ['a wrong key', '/r', { apikey: 'nope' }, 'Unauthorized'],
    ['two keys', '/r?apikey=alice-key&apikey=bob-key', {}, 'Duplicate API key found'],
  ])('answers 401 to %s and forwards nothing', async (_name, path, headers, text) => {
    const answer = await (await start([{ name: 'key-auth' }]))(path, { headers });
    expect(answer.status).toBe(401);
    expect(message(answer.text)).toBe(text);
    expect(answer.headers.get('www-authenticate')).toBe('Key');
    expect(answer.seen).toBeUndefined();
  });

  it("sets Kong's headers over what the client claims", async () => {
    const send = await start([{ name: 'key-auth' }]);
    const { sent } = await send('/r', {
      headers: { apikey: 'alice-key', 'x-consumer-id': 'evil', 'x-anonymous-consumer': 'true' },
    });
    expect(sent).toMatchObject({
      'x-consumer-id': 'b32379d9-3d28-5683-a79c-72139be6e34f',
      'x-consumer-username': 'alice',
      'x-consumer-custom-id': '42',
      'x-credential-identifier': 'b7351a09-c7d8-4738-a268-85577e1d1635',
      apikey: 'alice-key',
    });
    expect(sent['x-anonymous-consumer']).toBeUndefined();
    const bob = await send('/r', { headers: { apikey: 'bob-key', 'x-consumer-custom-id': '42' } });
    expect(bob.sent['x-consumer-custom-id']).toBeUndefined();
  });

  it('hides the key in header and query when told to', async () => {
    const send = await start([{ name: 'key-auth', config: { hide_credentials: true } }]);
    expect((await send('/r', { headers: { apikey: 'alice-key' } })).sent['apikey']).toBeUndefined();
    expect((await send('/r?a=1&apikey=alice-key&b=2')).seen?.url).toBe('/?a=1&b=2');
  });

  it('lets the anonymous consumer through when one is named, without credential', async () => {
    const send = await start([{ name: 'key-auth', config: { anonymous: 'nobody' } }]);
    const { sent, status } = await send();
    expect(status).toBe(200);
    expect(sent).toMatchObject({ 'x-consumer-username': 'nobody', 'x-anonymous-consumer': 'true' });
    expect(sent['x-credential-identifier']).toBeUndefined();
  });

  it('names the realm', async () => {
    const { headers } = await (await start([{ name: 'key-auth', config: { realm: 'gw' } }]))();
    expect(headers.get('www-authenticate')).toBe('Key realm="gw"');
  });
});

describe('acl', () => {
  it.each([
    [{ allow: ['gold'] }, 'alice-key', 200, 'gold, mcp'],
    [{ allow: ['silver'] }, 'alice-key', 403, undefined],
    [{ allow: ['gold'] }, 'bob-key', 403, undefined],
    [{ deny: ['gold'] }, 'alice-key', 403, undefined],
    [{ deny: ['silver'] }, 'alice-key', 200, 'gold, mcp'],
    [{ allow: ['gold'], hide_groups_header: true }, 'alice-key', 200, undefined],
  ])('with %j answers %s %i, groups %s', async (config, apikey, status, groups) => {
    const send = await start([{ name: 'key-auth' }, { name: 'acl', config }]);
    const answer = await send('/r', { headers: { apikey } });
    expect(answer.status).toBe(status);
    expect(answer.sent['x-consumer-groups']).toBe(groups);
  });

  it('overwrites the groups that the client claims, and answers 401 to a caller nobody authenticated', async () => {
    const send = await start([{ name: 'key-auth' }, { name: 'acl', config: { allow: ['gold'] } }]);
    expect(
      (await send('/r', { headers: { apikey: 'alice-key', 'x-consumer-groups': 'admin' } })).sent['x-consumer-groups'],
    ).toBe('gold, mcp');
    expect((await (await start([{ name: 'acl', config: { allow: ['gold'] } }]))()).status).toBe(401);
  });
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const token = (claims: object, alg: string, signer: (data: string) => Buffer): string => {
  const data = `${part({ typ: 'JWT', alg })}.${part(claims)}`;
  return `${data}.${signer(data).toString('base64url')}`;
};

const hs = (claims: object, secret = 'shared', alg = 'HS256'): string =>
  token(claims, alg, (data) => createHmac('sha256', secret).update(data).digest());
const rs = (claims: object): string =>
  token(claims, 'RS256', (data) => sign('sha256', Buffer.from(data), rsa.privateKey));
const es = (claims: object): string =>
  token(claims, 'ES256', (data) =>
    sign('sha256', Buffer.from(data), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
  );

/** Far away in both directions: no test looks at the clock. */
const FUTURE = 4_000_000_000;
const PAST = 1_000_000_000;

describe('jwt', () => {
  const bearer = (text: string): RequestInit => ({ headers: { authorization: `Bearer ${text}` } });

  it.each([
    ['HS256', hs({ iss: 'alice-hs' }), 'alice-hs'],
    ['RS256', rs({ iss: 'alice-rs' }), 'alice-rs'],
    ['ES256', es({ iss: 'alice-es' }), 'alice-es'],
  ])('accepts a good %s token and identifies the credential by its key', async (_name, text, key) => {
    const { status, sent } = await (await start([{ name: 'jwt' }]))('/r', bearer(text));
    expect(status).toBe(200);
    expect(sent).toMatchObject({ 'x-consumer-username': 'alice', 'x-credential-identifier': key });
  });

  it.each<[string, string, string]>([
    ['of another secret', hs({ iss: 'alice-hs' }, 'other'), 'Invalid signature'],
    ['of an unknown issuer', hs({ iss: 'eve' }), "No credentials found for given 'iss'"],
    ['without issuer', hs({}), "No mandatory 'iss' in claims"],
    ['with alg none', `${part({ alg: 'none' })}.${part({ iss: 'alice-hs' })}.`, 'Bad token; invalid alg'],
    ['signed with the public key as HMAC secret', hs({ iss: 'alice-rs' }, pem(rsa.publicKey)), 'Invalid algorithm'],
    ['that is no JSON', 'a.b.c', 'Bad token; invalid JSON'],
  ])('refuses a token %s', async (_name, text, problem) => {
    const answer = await (await start([{ name: 'jwt' }]))('/r', bearer(text));
    expect(answer.status).toBe(401);
    expect(message(answer.text)).toBe(problem);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(answer.seen).toBeUndefined();
  });

  it('answers 401 without a token, and to two different ones', async () => {
    const send = await start([{ name: 'jwt' }]);
    expect(await send().then(({ status, headers }) => [status, headers.get('www-authenticate')])).toStrictEqual([
      401,
      'Bearer',
    ]);
    const two = await send(`/r?jwt=${hs({ iss: 'alice-hs', n: 1 })}`, bearer(hs({ iss: 'alice-hs' })));
    expect(message(two.text)).toBe('Multiple tokens provided');
  });

  it.each<[string, object, number, object]>([
    ['an expired token', { exp: PAST, nbf: PAST }, 401, { exp: 'token expired' }],
    ['a token of the future', { exp: FUTURE, nbf: FUTURE }, 401, { nbf: 'token not valid yet' }],
    ['a token without exp', { nbf: PAST }, 401, { exp: 'must be a number' }],
    ['a valid token', { exp: FUTURE, nbf: PAST }, 200, { ok: true }],
  ])('checks the claims it is told to: %s', async (_name, claims, status, body) => {
    const send = await start([{ name: 'jwt', config: { claims_to_verify: ['exp', 'nbf'] } }]);
    const answer = await send('/r', bearer(hs({ iss: 'alice-hs', ...claims })));
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toStrictEqual(body);
  });

  it('leaves the token in kong.ctx.shared for others', async () => {
    const text = hs({ iss: 'alice-hs' });
    const send = await start([
      { name: 'jwt' },
      {
        name: 'post-function',
        config: { access: ["kong.service.request.set_header('x-token', kong.ctx.shared.authenticated_jwt_token)"] },
      },
    ]);
    expect((await send('/r', bearer(text))).sent['x-token']).toBe(text);
  });
});

describe('request-termination', () => {
  it.each([
    [{}, 503, '{"message":"Service unavailable"}'],
    [{ status_code: 404, message: 'gone' }, 404, '{"message":"gone"}'],
    [{ status_code: 200, body: '<b>', content_type: 'text/html' }, 200, '<b>'],
  ])('with %j answers %i %s', async (config, status, text) => {
    const answer = await (await start([{ name: 'request-termination', config }]))();
    expect(answer).toMatchObject({ status, text, seen: undefined });
  });

  it('waits for its trigger', async () => {
    const send = await start([{ name: 'request-termination', config: { trigger: 'x-stop' } }]);
    expect((await send()).status).toBe(200);
    expect((await send('/r', { headers: { 'x-stop': '1' } })).status).toBe(503);
  });
});

describe('cors', () => {
  it('answers a preflight itself', async () => {
    const send = await start([
      { name: 'cors', config: { origins: ['http://a.test'], max_age: 60, methods: ['GET'] } },
      { name: 'key-auth' },
    ]);
    const answer = await send('/r', {
      method: 'OPTIONS',
      headers: { origin: 'http://a.test', 'access-control-request-method': 'GET' },
    });
    expect(answer.status).toBe(200);
    expect(answer.seen).toBeUndefined();
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'http://a.test',
      'access-control-allow-methods': 'GET',
      'access-control-max-age': '60',
    });
  });

  it.each([
    [['*'], 'http://a.test', '*'],
    [['http://a.test', 'http://b.test'], 'http://b.test', 'http://b.test'],
    [['http://a.test', 'http://b.test'], 'http://evil.test', null],
    [['http://.*\\.test', 'x'], 'http://a.test', 'http://a.test'],
    [['http://.*\\.test', 'x'], 'http://a.test.evil', null],
  ])('with origins %j allows %s: %s', async (origins, origin, allowed) => {
    const answer = await (await start([{ name: 'cors', config: { origins } }]))('/r', { headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
  });
});

describe('pre-function and post-function', () => {
  it('run Lua in their phases, the same kong.ctx.shared in all of them', async () => {
    const send = await start([
      { name: 'pre-function', config: { access: ['kong.ctx.shared.list = { kong.request.get_method() }'] } },
      {
        name: 'post-function',
        config: {
          access: [
            'table.insert(kong.ctx.shared.list, kong.request.get_path())',
            'kong.service.request.set_header("x-list", table.concat(kong.ctx.shared.list, " "))',
          ],
          header_filter: [
            'kong.response.set_header("x-seen", kong.ctx.shared.list[2])',
            'kong.response.clear_header("content-length")',
          ],
          body_filter: ['ngx.arg[1] = ngx.arg[1] and string.upper(ngx.arg[1])'],
        },
      },
    ]);
    const answer = await send('/r/x');
    expect([answer.sent['x-list'], answer.headers.get('x-seen'), answer.text]).toStrictEqual([
      'GET /r/x',
      '/r/x',
      '{"OK":TRUE}',
    ]);
  });

  it('initialise once when a source returns a function', async () => {
    const send = await start([
      {
        name: 'pre-function',
        config: {
          access: ['local n = 0 return function() n = n + 1 kong.service.request.set_header("x-n", tostring(n)) end'],
        },
      },
    ]);
    const counts = [];
    for (let turn = 0; turn < 3; turn += 1) counts.push((await send()).sent['x-n']);
    expect(counts).toStrictEqual(['1', '2', '3']);
  });

  it.each([
    ['error("boom")', 500, 'An unexpected error occurred'],
    ['pcall(kong.response.exit, 418, { message = "tea" }) kong.response.exit(200)', 418, 'tea'],
    ['kong.response.error(429, "slow down")', 429, 'slow down'],
    ['kong.response.set_status("x")', 500, 'An unexpected error occurred'],
    ['kong.response.get_status()', 500, 'An unexpected error occurred'],
  ])('end the request with %s', async (source, status, text) => {
    const answer = await (await start([{ name: 'pre-function', config: { access: [source] } }]))();
    expect(answer.status).toBe(status);
    expect(message(answer.text)).toBe(text);
    expect(answer.seen).toBeUndefined();
  });

  it('replace a whole body with kong.response.get_raw_body and set_raw_body', async () => {
    const send = await start([
      {
        name: 'post-function',
        config: {
          header_filter: ['kong.response.clear_header("content-length")'],
          body_filter: [
            'local body = kong.response.get_raw_body() if body then kong.response.set_raw_body("[" .. body .. "]") end',
          ],
        },
      },
    ]);
    expect((await send()).text).toBe('[{"ok":true}]');
  });

  it('answer from a header filter, in the place of the upstream', async () => {
    const send = await start([
      { name: 'post-function', config: { header_filter: ['return kong.response.exit(502, { message = "no" })'] } },
    ]);
    expect(await send().then(({ status, text }) => [status, text])).toStrictEqual([502, '{"message":"no"}']);
  });
});

describe('plugins of several scopes', () => {
  const titled = (title: string): object => ({
    name: 'pre-function',
    config: { access: [`kong.service.request.set_header('x-scope', '${title}')`] },
  });

  it('run with the configuration of the narrowest: route, service, global', async () => {
    const upstream = await startUpstream();
    closers.push(() => upstream.close());
    const gateway = await startTestGateway({
      services: [
        {
          name: 's',
          url: upstream.url,
          plugins: [titled('service')],
          routes: [
            { name: 'a', paths: ['/a'], plugins: [titled('route')] },
            { name: 'b', paths: ['/b'] },
          ],
        },
        { name: 't', url: upstream.url, routes: [{ name: 'c', paths: ['/c'] }] },
        {
          name: 'u',
          url: upstream.url,
          routes: [{ name: 'd', paths: ['/d'], plugins: [{ ...titled('off'), enabled: false }] }],
        },
      ],
      plugins: [titled('global')],
    });
    closers.push(() => gateway.close());
    const scopes = [];
    for (const path of ['/a', '/b', '/c', '/d'])
      scopes.push((await ask({ upstream, gateway }, path, {})).sent['x-scope']);
    expect(scopes).toStrictEqual(['route', 'service', 'global', 'global']);
  });

  it('run for a consumer once it is known', async () => {
    const upstream = await startUpstream();
    closers.push(() => upstream.close());
    const gateway = await startTestGateway({
      services: [
        { name: 's', url: upstream.url, routes: [{ name: 'a', paths: ['/a'], plugins: [{ name: 'key-auth' }] }] },
      ],
      consumers: [
        {
          username: 'alice',
          keyauth_credentials: [{ key: 'k' }],
          plugins: [{ name: 'request-termination', config: { status_code: 403 } }],
        },
        { username: 'bob', keyauth_credentials: [{ key: 'b' }] },
      ],
    });
    closers.push(() => gateway.close());
    const status = async (apikey: string) => (await ask({ upstream, gateway }, '/a', { headers: { apikey } })).status;
    expect([await status('k'), await status('b')]).toStrictEqual([403, 200]);
  });
});
