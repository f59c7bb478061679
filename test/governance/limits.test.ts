import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../kong-plugin/src/stores/testing/free-port.ts';
import { hasRedisServer, startRedisServer } from '../../kong-plugin/src/stores/testing/redis-server.ts';
import { isServed, listTools, send } from '../failures/harness/mcp-client.ts';
import { answerPlainly } from '../failures/harness/mcp-upstream.ts';
import { waitFor } from '../setup/governed-demo.ts';
import { bodyOf, reasonOf, startOrders, textOf, type OrdersGateway, type OrdersOptions } from './orders-gateway.ts';

const open: OrdersGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

const start = async (options: OrdersOptions): Promise<OrdersGateway> => {
  const gateway = await startOrders(options);
  open.push(gateway);
  return gateway;
};

/** A month, so that no test runs across the end of a window. */
const limit = (fields: object): object => ({ id: 'quota', window: 'month', per: ['tenant'], ...fields });

const many = <Value>(count: number, make: () => Promise<Value>): Promise<readonly Value[]> =>
  Promise.all(Array.from({ length: count }, make));

const toRecords = (gateway: OrdersGateway, count: number) =>
  waitFor(() => (gateway.records().length >= count ? gateway.records() : undefined));

describe('a quota', () => {
  it('of 100 lets exactly 100 of 200 parallel calls reach the server, tells the others why, and records all 200', async () => {
    const gateway = await start({ policy: { limits: [limit({ limit: 100 })] } });
    const answers = await many(200, () => gateway.call());
    expect(gateway.upstream.callsOf('search_orders')).toBe(100);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(200);
    const refused = answers.filter((answer) => reasonOf(answer) === 'quota_exhausted');
    expect(refused).toHaveLength(100);
    for (const answer of refused) {
      expect(bodyOf(answer).result?.isError).toBe(true);
      expect(textOf(answer)).toContain('Quota "quota" is exhausted: 100 of 100 used this month, 0 remaining');
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    const records = await toRecords(gateway, 200);
    expect(records).toHaveLength(200);
    expect(records.filter(({ decision }) => decision === 'allow')).toHaveLength(100);
    const denied = records.filter(({ decision }) => decision === 'deny');
    expect(new Set(denied.map(({ reason, rule, outcome }) => `${reason} ${rule} ${outcome}`))).toEqual(
      new Set(['quota_exhausted quota refused']),
    );
  });

  it('is told to a caller whose call passes, in RateLimit headers without Retry-After', async () => {
    const gateway = await start({ policy: { limits: [limit({ limit: 3 })] } });
    const { headers } = await gateway.call();
    expect(headers.get('ratelimit')).toMatch(/^"quota";r=2;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toMatch(/^"quota";q=3;w=\d+$/);
    expect(headers.get('ratelimit-limit')).toBe('3');
    expect(headers.get('ratelimit-remaining')).toBe('2');
    expect(headers.get('retry-after')).toBeNull();
  });

  it('is not touched by 50 times initialize, ping and tools/list', async () => {
    const gateway = await start({ policy: { limits: [limit({ limit: 3 })] } });
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    expect((await gateway.call()).headers.get('ratelimit-remaining')).toBe('2');
    const answers = await many(50, async () => [
      await send(gateway.proxyUrl, { method: 'initialize', params }),
      await send(gateway.proxyUrl, { method: 'ping' }),
      await listTools(gateway.proxyUrl),
    ]);
    expect(answers.flat().filter(isServed)).toHaveLength(150);
    expect((await gateway.call()).headers.get('ratelimit-remaining')).toBe('1');
  });

  it('of one tenant leaves the other tenant its own', async () => {
    const gateway = await start({ policy: { limits: [limit({ limit: 1 })] } });
    await gateway.call();
    expect(reasonOf(await gateway.call())).toBe('quota_exhausted');
    const params = { name: 'search_orders', arguments: {} };
    expect(isServed(await send(gateway.proxyUrl, { params, key: 'key-bob' }))).toBe(true);
  });

  it('gets units back after a 503 of the server where the limit says so, and not where it does not', async () => {
    const limits = [
      limit({ id: 'kept', limit: 1, tools: ['delete_order'] }),
      limit({ id: 'returned', limit: 1, tools: ['search_orders'], give_back: ['server_error'] }),
    ];
    const gateway = await start({ policy: { limits } });
    gateway.upstream.answerWith((_, outgoing) => outgoing.writeHead(503).end());
    expect((await gateway.call('delete_order')).status).toBe(503);
    expect((await gateway.call('search_orders')).status).toBe(503);
    gateway.upstream.answerWith(undefined);
    const again = await waitFor(async () => {
      const answer = await gateway.call('search_orders');
      return isServed(answer) && reasonOf(answer) === undefined ? answer : undefined;
    });
    expect(again.headers.get('ratelimit-remaining')).toBe('0');
    expect(reasonOf(await gateway.call('delete_order'))).toBe('quota_exhausted');
    expect(gateway.upstream.callsOf('delete_order')).toBe(1);
  });
});

describe('other kinds of limit', () => {
  it('2 calls at once: the third is refused while both run, and passes when one has ended', async () => {
    const gateway = await start({ policy: { limits: [{ id: 'two', kind: 'concurrent', limit: 2, per: ['tenant'] }] } });
    const held: (() => void)[] = [];
    gateway.upstream.answerWith((call, outgoing: ServerResponse, incoming) => {
      held.push(() => answerPlainly(call, outgoing, incoming));
    });
    const running = [gateway.call(), gateway.call()];
    const [first, second] = await waitFor(() => (held.length === 2 ? held : undefined));
    gateway.upstream.answerWith(undefined);
    const third = await gateway.call();
    expect(reasonOf(third)).toBe('concurrency_limited');
    expect(third.headers.get('retry-after')).toBe('1');
    expect(gateway.upstream.received).toHaveLength(2);
    first?.();
    const next = await waitFor(async () => {
      const answer = await gateway.call();
      return reasonOf(answer) === 'concurrency_limited' ? undefined : answer;
    });
    expect(isServed(next)).toBe(true);
    second?.();
    expect((await Promise.all(running)).every(isServed)).toBe(true);
  });

  it('1 call at once: a caller that hangs up frees its place', async () => {
    const gateway = await start({ policy: { limits: [{ id: 'one', kind: 'concurrent', limit: 1, per: ['tenant'] }] } });
    gateway.upstream.answerWith(() => undefined);
    const hangUp = new AbortController();
    const gone = fetch(`${gateway.proxyUrl}/mcp`, {
      method: 'POST',
      signal: hangUp.signal,
      headers: {
        apikey: 'key-alice',
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'search_orders' } }),
    }).catch(() => 'gone');
    await waitFor(() => (gateway.upstream.received.length === 1 ? true : undefined));
    gateway.upstream.answerWith(undefined);
    expect(reasonOf(await gateway.call())).toBe('concurrency_limited');
    hangUp.abort();
    expect(await gone).toBe('gone');
    const next = await waitFor(async () => {
      const answer = await gateway.call();
      return reasonOf(answer) === 'concurrency_limited' ? undefined : answer;
    });
    expect(isServed(next)).toBe(true);
  });

  it('3 equal calls: the fourth is refused, and one with other arguments passes', async () => {
    const gateway = await start({ policy: { limits: [limit({ id: 'loop', kind: 'repeat', limit: 3 })] } });
    const ask = (query: string) =>
      send(gateway.proxyUrl, { params: { name: 'search_orders', arguments: { query, page: 1 } } });
    for (const _ of [1, 2, 3]) expect(reasonOf(await ask('late'))).toBeUndefined();
    const fourth = await ask('late');
    expect(reasonOf(fourth)).toBe('repeat_refused');
    expect(bodyOf(fourth).result?.isError).toBe(true);
    expect(reasonOf(await ask('early'))).toBeUndefined();
    expect(gateway.upstream.received).toHaveLength(4);
  });

  it('in shadow mode lets everything pass, shows no header, and records what it would have refused', async () => {
    const gateway = await start({ policy: { limits: [limit({ id: 'trial', limit: 1, shadow: true })] } });
    for (const _ of [1, 2, 3]) {
      const answer = await gateway.call();
      expect(reasonOf(answer)).toBeUndefined();
      expect(answer.headers.has('ratelimit')).toBe(false);
    }
    const records = await toRecords(gateway, 3);
    expect(records.map(({ decision }) => decision)).toEqual(['allow', 'allow', 'allow']);
    expect(records.filter(({ shadow }) => shadow?.includes('trial'))).toHaveLength(2);
  });
});

describe('counters outside', () => {
  it.skipIf(!hasRedisServer)(
    'two gateways on one Redis grant exactly 50 of 100 calls together (needs redis-server)',
    async () => {
      const redis = await startRedisServer();
      try {
        const counters = { store: 'redis', url: redis.url, deadline_ms: 10_000 };
        const options = { policy: { limits: [limit({ limit: 50 })] }, config: { counters } };
        const gateways = [await start(options), await start(options)];
        const answers = await Promise.all(gateways.map((gateway) => many(50, () => gateway.call())));
        expect(gateways.reduce((sum, { upstream }) => sum + upstream.callsOf('search_orders'), 0)).toBe(50);
        expect(answers.flat().filter((answer) => reasonOf(answer) === 'quota_exhausted')).toHaveLength(50);
      } finally {
        for (const gateway of open.splice(0)) await gateway.close();
        await redis.close();
      }
    },
  );

  const away = async (limits: readonly object[]): Promise<OrdersGateway> => {
    const counters = { store: 'redis', url: `redis://127.0.0.1:${await freePort()}` };
    return start({ policy: { limits }, config: { counters } });
  };

  it('that are away refuse with 503, and nothing reaches the server', async () => {
    const gateway = await away([limit({ limit: 100 })]);
    const answer = await gateway.call();
    expect([answer.status, reasonOf(answer)]).toEqual([503, 'counter_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(gateway.upstream.received).toHaveLength(0);
    const [record] = await toRecords(gateway, 1);
    expect(record).toMatchObject({ decision: 'deny', reason: 'counter_unavailable', status: 503 });
  });

  it('that are away let a call pass where every limit says `allow`, and its record names them', async () => {
    const gateway = await away([limit({ id: 'lenient', limit: 100, when_store_down: 'allow' })]);
    expect(isServed(await gateway.call())).toBe(true);
    const [record] = await toRecords(gateway, 1);
    expect(record).toMatchObject({ decision: 'allow', uncounted: ['lenient'] });
  });

  it('that are away refuse when one of two limits does not say `allow`', async () => {
    const strict = limit({ id: 'strict', limit: 100 });
    const gateway = await away([limit({ id: 'lenient', limit: 100, when_store_down: 'allow' }), strict]);
    expect(reasonOf(await gateway.call())).toBe('counter_unavailable');
    expect(gateway.upstream.received).toHaveLength(0);
  });
});
