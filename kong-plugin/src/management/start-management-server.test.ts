import { createServer } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { demandOf } from '../domain/limits/testing/fixtures.ts';
import { definition, noon, sighting } from '../domain/pins/testing/tools.ts';
import { toolHash } from '../domain/pins/tool-hash.ts';
import { failure } from '../domain/result.ts';
import type { PinStore } from '../ports/pin-store.ts';
import { createMemoryCounterStore } from '../stores/memory-counter-store.ts';
import { MemoryPinStore } from '../stores/memory-pin-store.ts';
import type { ManagementEvent } from './handle-request.ts';
import { startManagementServer, type ManagementOptions, type ManagementServer } from './start-management-server.ts';

const token = 'a-token-of-forty-characters-0123456789ab';
const order = definition('get_order');
const changed = definition('get_order', 'Something\u200B else.');

const counters = createMemoryCounterStore();
const servers: ManagementServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Started {
  readonly url: string;
  readonly pins: PinStore;
  readonly events: readonly ManagementEvent[];
}

const start = async (options: Partial<ManagementOptions> = {}): Promise<Started> => {
  const events: ManagementEvent[] = [];
  const pins = options.pins ?? new MemoryPinStore();
  const started = await startManagementServer({
    port: 0,
    token,
    pins,
    readiness: () => ({ ready: true, components: { pins: { ok: true } } }),
    metrics: () => ({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }),
    peek: (demands, at) => counters.peek(demands, at),
    limitsLeft: async () => failure({ reason: 'unknown_server' }),
    log: (event) => events.push(event),
    now: () => noon,
    ...options,
  });
  if (!started.ok) throw new Error(started.error);
  servers.push(started.value);
  return { url: started.value.url, pins, events };
};

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

const send = async (url: string, init: RequestInit = {}): Promise<Answer> => {
  const response = await fetch(url, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
};

const approve = (url: string, body: unknown, init: RequestInit = {}): Promise<Answer> =>
  send(`${url}/v1/tools/orders/get_order/approve`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    ...init,
  });

/** `get_order` approved at noon and changed one second later. */
const withChangedTool = async (): Promise<Started> => {
  const started = await start();
  started.pins.observe('orders', sighting([order]), noon);
  await started.pins.approve('orders', 'get_order', toolHash(order), noon);
  started.pins.observe('orders', sighting([changed]), noon + 1_000);
  return started;
};

/** One request as bytes, where `fetch` would repair or refuse it. */
const sendRaw = async (url: string, text: string): Promise<string> => {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
};

describe('who may use the API', () => {
  it.each<[string, Record<string, string>]>([
    ['no token', {}],
    ['another token', { authorization: 'Bearer another-token-of-forty-characters-0123' }],
    ['the beginning of the token', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['the token and more', { authorization: `Bearer ${token}0` }],
    ['the token in other case', { authorization: `Bearer ${token.toUpperCase()}` }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['the token without a scheme', { authorization: token }],
    ['the token as a password', { authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}` }],
    ['the token in another header', { 'x-api-key': token }],
  ])('not one with %s, whatever it asks for', async (_title, headers) => {
    const { url, pins } = await start();
    pins.observe('orders', sighting([order]), noon);
    const requests: readonly [string, string][] = [
      ['GET', '/v1/tools'],
      ['GET', '/v1/tools/orders/get_order'],
      ['POST', '/v1/tools/orders/get_order/approve'],
      ['GET', '/metrics'],
      ['GET', '/no-such-path'],
    ];
    for (const [method, path] of requests) {
      const body = method === 'POST' ? { body: JSON.stringify({ hash: toolHash(order) }) } : {};
      const answer = await fetch(`${url}${path}`, { method, headers, ...body });
      expect([path, answer.status, answer.headers.get('www-authenticate')]).toEqual([
        path,
        401,
        'Bearer realm="mcp-governance management"',
      ]);
      expect(await answer.json()).toMatchObject({ status: 401, code: 'unauthorized' });
    }
    expect(pins.stateOf('orders', 'get_order')).toBe('new');
  });

  it('is one with the token, whatever the case of the scheme', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/v1/tools`, { headers: { authorization: `bearer ${token}` } })).status).toBe(200);
  });

  it.each(['', 'short', 'x'.repeat(31), `${'x'.repeat(40)} blank`])(
    'a server does not start with the token %j',
    async (bad) => {
      await expect(start({ token: bad })).rejects.toThrow('32 or more characters without blanks');
    },
  );
});

describe('probes and metrics', () => {
  it('healthz answers without a token', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/healthz`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('readyz is 200 or 503, and tells the components only to one with the token', async () => {
    const components = { counters: { ok: false, why: 'redis at 10.0.0.7 refuses' }, pins: { ok: true } };
    const { url } = await start({ readiness: async () => ({ ready: false, components }) });
    const open = await fetch(`${url}/readyz`);
    expect([open.status, await open.json()]).toEqual([503, { status: 'not_ready' }]);
    const full = await send(`${url}/readyz`);
    expect([full.status, full.body]).toEqual([503, { status: 'not_ready', components }]);
    const ready = await start();
    expect((await fetch(`${ready.url}/readyz`)).status).toBe(200);
  });

  it('metrics are what the handler gives, under its content type', async () => {
    const { url } = await start();
    const answer = await send(`${url}/metrics`);
    expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([
      200,
      'text/plain; version=0.0.4',
      'up 1\n',
    ]);
  });

  it('a handler that throws is 500, its text goes to the log and not to the client', async () => {
    const { url, events } = await start({ metrics: () => Promise.reject(new Error('secret detail')) });
    const answer = await send(`${url}/metrics`);
    expect([answer.status, answer.body.code]).toEqual([500, 'internal_error']);
    expect(JSON.stringify(answer.body)).not.toContain('secret detail');
    expect(JSON.stringify(events)).toContain('secret detail');
    expect((await send(`${url}/healthz`)).status).toBe(200);
  });
});

describe('the list of tools', () => {
  const withTools = async (): Promise<Started> => {
    const started = await start();
    started.pins.observe('orders', sighting(['c', 'a', 'b'].map((name) => definition(name))), noon);
    started.pins.observe('billing', sighting(['z', 'a'].map((name) => definition(name))), noon);
    await started.pins.approve('orders', 'b', toolHash(definition('b')), noon);
    return started;
  };

  const names = ({ body }: Answer): readonly string[] =>
    (body.items as readonly { server: string; tool: string }[]).map(({ server, tool }) => `${server}/${tool}`);

  it.each<[string, readonly string[]]>([
    ['', ['billing/a', 'billing/z', 'orders/a', 'orders/b', 'orders/c']],
    ['?server=orders', ['orders/a', 'orders/b', 'orders/c']],
    ['?state=approved', ['orders/b']],
    ['?server=billing&state=approved', []],
    ['?server=unknown', []],
  ])('%j shows %j', async (query, expected) => {
    const { url } = await withTools();
    const answer = await send(`${url}/v1/tools${query}`);
    expect([answer.status, names(answer), answer.body.nextCursor]).toEqual([200, expected, undefined]);
  });

  it('shows state, hashes, warnings and times of a tool, and no definition', async () => {
    const { url } = await withChangedTool();
    expect((await send(`${url}/v1/tools`)).body.items).toEqual([
      {
        server: 'orders',
        tool: 'get_order',
        state: 'changed',
        currentHash: toolHash(changed),
        approvedHash: toolHash(order),
        warnings: ['/description has 1 zero-width characters.'],
        firstSeenAt: '2026-11-23T12:00:00.000Z',
        changedAt: '2026-11-23T12:00:01.000Z',
        approvedAt: '2026-11-23T12:00:00.000Z',
      },
    ]);
  });

  it('comes in pages of 2 that hold each tool once, though one is added in between', async () => {
    const { url, pins } = await withTools();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const answer = await send(`${url}/v1/tools?limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`);
      expect(answer.body.items.length).toBeLessThanOrEqual(2);
      seen.push(...names(answer));
      cursor = answer.body.nextCursor as string | undefined;
      pins.observe('aaa', sighting([definition(`t${seen.length}`)]), noon);
    } while (cursor !== undefined && seen.length < 20);
    expect(seen).toEqual(['billing/a', 'billing/z', 'orders/a', 'orders/b', 'orders/c']);
  });

  it('holds 100 tools unless a limit says otherwise', async () => {
    const { url, pins } = await start();
    pins.observe('many', sighting(Array.from({ length: 600 }, (_, index) => definition(`t${index}`))), noon);
    expect((await send(`${url}/v1/tools`)).body.items).toHaveLength(100);
    expect((await send(`${url}/v1/tools?limit=500`)).body.items).toHaveLength(500);
  });

  it.each([
    ['an unknown parameter', 'sate=changed', 'There is no parameter "sate".'],
    ['a parameter given twice', 'server=a&server=b', 'Give each parameter once.'],
    ['an unknown state', 'state=trusted', 'state is one of new, approved, changed, withdrawn.'],
    ['an empty state', 'state=', 'state is one of new, approved, changed, withdrawn.'],
    ['a limit of 0', 'limit=0', 'limit is from 1 to 500.'],
    ['a limit of 501', 'limit=501', 'limit is from 1 to 500.'],
    ['a limit that is no number', 'limit=1e1', 'limit is from 1 to 500.'],
    ['a made-up cursor', 'cursor=abc', 'cursor is not one that this server gave.'],
    ['a cursor of another shape', 'cursor=WzFd', 'cursor is not one that this server gave.'],
  ])('is refused with %s', async (_title, query, detail) => {
    const { url } = await start();
    const answer = await send(`${url}/v1/tools?${query}`);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: 'about:blank',
      title: 'Bad request',
      status: 400,
      detail,
      code: 'bad_request',
    });
    expect(answer.status).toBe(400);
  });
});

describe('one tool', () => {
  it('is shown with both definitions and a diff in which invisible characters can be read', async () => {
    const { url } = await withChangedTool();
    const { status, body, headers } = await send(`${url}/v1/tools/orders/get_order`);
    expect([status, headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual([
      200,
      'no-store',
      'nosniff',
    ]);
    expect(body).toMatchObject({ state: 'changed', definition: changed, approvedDefinition: order });
    expect(body.diff).toEqual({
      isCut: false,
      differences: [
        {
          pointer: '/description',
          change: 'changed',
          before: 'Does get_order.',
          after: 'Something\u200B else.',
          text: '/description changed: "Does get_order." -> "Something\\u{200B} else."',
        },
      ],
    });
  });

  it('has no diff while nobody approved it, and an empty one while it is as approved', async () => {
    const { url, pins } = await start();
    pins.observe('orders', sighting([order]), noon);
    expect((await send(`${url}/v1/tools/orders/get_order`)).body).not.toHaveProperty('diff');
    await pins.approve('orders', 'get_order', toolHash(order), noon);
    expect((await send(`${url}/v1/tools/orders/get_order`)).body.diff).toEqual({ differences: [], isCut: false });
  });

  it.each(['a/b', 'größe', 'a b', '*', '__proto__', 'x?y#z', '%2F'])(
    'named %j is found by its encoded name',
    async (name) => {
      const { url, pins } = await start();
      pins.observe(name, sighting([definition(name)]), noon);
      const answer = await send(`${url}/v1/tools/${encodeURIComponent(name)}/${encodeURIComponent(name)}`);
      expect([answer.status, answer.body.tool, answer.body.server]).toEqual([200, name, name]);
    },
  );

  it.each([
    '/v1/tools/orders/unknown',
    '/v1/tools/unknown/get_order',
    '/v1/tools/orders',
    '/v1/tools/',
    '/v1',
    '/',
    '/v1/tools/orders/get_order/x',
    '/v2/tools',
  ])('%s is 404', async (path) => {
    const { url } = await withChangedTool();
    const answer = await send(`${url}${path}`);
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });
});

describe('an approval', () => {
  it('of the current hash approves, answers with the tool and is logged', async () => {
    const { url, pins, events } = await withChangedTool();
    const answer = await approve(url, { hash: toolHash(changed) });
    expect([answer.status, answer.body.state, answer.body.approvedHash]).toEqual([200, 'approved', toolHash(changed)]);
    expect(pins.stateOf('orders', 'get_order')).toBe('approved');
    expect(events).toEqual([
      { level: 'info', message: 'tool approved', server: 'orders', tool: 'get_order', hash: toolHash(changed) },
    ]);
    expect((await approve(url, { hash: toolHash(changed) })).status).toBe(200);
  });

  it('of an outdated hash is 409, names the current one and approves nothing', async () => {
    const { url, pins, events } = await withChangedTool();
    const answer = await approve(url, { hash: toolHash(order) });
    expect([answer.status, answer.body.code, answer.body.currentHash]).toEqual([
      409,
      'outdated_hash',
      toolHash(changed),
    ]);
    expect([pins.stateOf('orders', 'get_order'), events]).toEqual(['changed', []]);
  });

  it('of an unknown tool is 404', async () => {
    const { url } = await start();
    expect((await approve(url, { hash: toolHash(order) })).status).toBe(404);
  });

  const hash = 'a'.repeat(64);
  it.each<[string, unknown, number]>([
    ['no body', '', 400],
    ['a body that is not JSON', '{hash}', 400],
    ['no hash', {}, 400],
    ['a short hash', { hash: 'abc' }, 400],
    ['a hash in capitals', { hash: hash.toUpperCase() }, 400],
    ['a hash that is no text', { hash: [hash] }, 400],
    ['a field more', { hash, force: true }, 400],
    ['the hash twice', `{"hash":"${toolHash(changed)}","hash":"${hash}"}`, 400],
    ['a body of more than 4,096 bytes', `{"hash":"${toolHash(changed)}"}${' '.repeat(4_096)}`, 413],
  ])('with %s is refused', async (_title, body, status) => {
    const { url, pins } = await withChangedTool();
    const answer = await approve(url, body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(pins.stateOf('orders', 'get_order')).toBe('changed');
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', ''])(
    'as %j is 415: a form of a browser is none',
    async (type) => {
      const { url, pins } = await withChangedTool();
      const answer = await approve(url, { hash: toolHash(changed) }, { headers: { 'content-type': type } });
      expect([answer.status, pins.stateOf('orders', 'get_order')]).toEqual([415, 'changed']);
    },
  );

  it('that cannot be stored is 503 and is logged', async () => {
    const pins = new MemoryPinStore();
    pins.observe('orders', sighting([order]), noon);
    pins.approve = () => Promise.reject(new Error('ENOSPC'));
    const { url, events } = await start({ pins });
    const answer = await approve(url, { hash: toolHash(order) });
    expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
    expect(JSON.stringify(events)).toContain('ENOSPC');
    expect(JSON.stringify(answer.body)).not.toContain('ENOSPC');
  });
});

describe('a question about counters', () => {
  const demand = demandOf({ key: 'peeked', startsAt: noon, endsAt: noon + 60_000 });
  const peek = (url: string, body: unknown, init: RequestInit = {}): Promise<Answer> =>
    send(`${url}/v1/limits/peek`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      ...init,
    });

  it('answers how they stand, and counts nothing', async () => {
    const { url } = await start();
    await counters.take('a call', [{ ...demand, cost: 3 }], noon);
    for (let time = 0; time < 2; time += 1)
      expect(await peek(url, { demands: [demand] })).toMatchObject({
        status: 200,
        body: { granted: true, states: [{ rule: 'per-minute', limit: 10, used: 3, remaining: 7 }] },
      });
  });

  it.each([
    ['no demands', {}],
    ['a demand without a key', { demands: [{ ...demand, key: undefined }] }],
    ['a negative cost', { demands: [{ ...demand, cost: -1 }] }],
    ['65 demands', { demands: Array.from({ length: 65 }, () => demand) }],
  ])('refuses %s', async (_, body) => {
    const { url } = await start();
    expect(await peek(url, body)).toMatchObject({ status: 400, body: { code: 'bad_request' } });
  });

  it('says 503, and not why, when the counters are away', async () => {
    const { url } = await start({ peek: () => Promise.reject(new Error('redis://user:secret@host')) });
    const answer = await peek(url, { demands: [demand] });
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });

  it('wants the token', async () => {
    const { url } = await start();
    expect((await peek(url, { demands: [demand] }, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  });
});

describe('methods and odd requests', () => {
  it.each([
    ['POST', '/v1/tools', 'GET, HEAD'],
    ['DELETE', '/v1/tools/orders/get_order', 'GET, HEAD'],
    ['GET', '/v1/tools/orders/get_order/approve', 'POST'],
    ['PUT', '/v1/tools/orders/get_order/approve', 'POST'],
    ['HEAD', '/v1/tools/orders/get_order/approve', 'POST'],
    ['POST', '/metrics', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['OPTIONS', '/v1/tools', 'GET, HEAD'],
  ])('%s %s is 405 and names %s', async (method, path, allow) => {
    const { url } = await withChangedTool();
    const answer = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  });

  it('HEAD is GET without a body', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/v1/tools`, { method: 'HEAD', headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  it.each([
    ['an escape that is not UTF-8', '/v1/tools/orders/%FF', 400],
    ['a path of dots', '/v1/tools/orders/../../../metrics', 404],
    ['an absolute URL', 'http://127.0.0.1/metrics', 404],
    ['a path in capitals', '/METRICS', 404],
    ['two slashes', '//metrics', 404],
  ])('%s is %s', async (_title, target, status) => {
    const { url } = await start();
    const answer = await sendRaw(
      url,
      `GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer.split('\r\n')[0]).toContain(` ${status} `);
  });

  it('headers of more than 8 KiB are refused', async () => {
    const { url } = await start();
    const answer = await sendRaw(url, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(9_000)}\r\n\r\n`);
    expect(answer).toContain(' 431 ');
  });
});

describe('starting and stopping', () => {
  it('listens on loopback unless told otherwise, and warns beyond it', async () => {
    const local = await start();
    expect(new URL(local.url).hostname).toBe('127.0.0.1');
    expect(local.events).toEqual([]);
    const wide = await start({ host: '0.0.0.0' });
    expect(wide.events).toMatchObject([{ level: 'warn', host: '0.0.0.0' }]);
  });

  it('waits for a port that an old process gives back, as at a reload', async () => {
    const old = createServer().listen(0, '127.0.0.1');
    await once(old, 'listening');
    const { port } = old.address() as AddressInfo;
    // The first attempt has failed when the server says that it waits.
    const events: ManagementEvent[] = [];
    const log = (event: ManagementEvent): void => {
      events.push(event);
      old.close();
    };
    const { url } = await start({ port, log, retry: { times: 1_000, delayMs: 5 } });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(events).toMatchObject([{ level: 'info', port }]);
  });

  it('gives up on a port that stays taken, with a sentence', async () => {
    const { url, pins } = await start();
    const started = await startManagementServer({
      port: Number(new URL(url).port),
      token,
      pins,
      readiness: () => ({ ready: true, components: {} }),
      metrics: () => ({ contentType: 'text/plain', body: '' }),
      peek: () => Promise.reject(new Error('not asked')),
      limitsLeft: () => Promise.reject(new Error('not asked')),
      retry: { times: 2, delayMs: 1 },
    });
    expect(started).toEqual({ ok: false, error: expect.stringMatching(/cannot listen at 127\.0\.0\.1: .*EADDRINUSE/) });
  });

  it('answers no more once it is closed', async () => {
    const { url } = await start();
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});
