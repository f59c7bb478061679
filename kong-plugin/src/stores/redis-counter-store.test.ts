import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { demandOf, noon } from '../domain/limits/testing/fixtures.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import { describeCounterStore } from '../ports/counter-store.contract.ts';
import { createRedisCounterStore, type RedisCounterOptions } from './redis-counter-store.ts';
import { hasRedisServer, startRedisServer, type RedisServer } from './testing/redis-server.ts';
import { takeFromProcesses } from './testing/take-from-processes.ts';

if (!hasRedisServer) process.stderr.write('Redis tests are skipped: there is no redis-server on PATH\n');

/** The suite is about counting; a busy machine must not turn it into one about deadlines. */
const patient = { deadlineMs: 30_000 };
let server: RedisServer;
const stores: CounterStore[] = [];

const open = (options: Partial<RedisCounterOptions> = {}): CounterStore => {
  const store = createRedisCounterStore({ urls: [server.url], ...patient, ...options });
  stores.push(store);
  return store;
};

const clientOf = (url: string) => createClient({ url });

const withClient = async <Value>(url: string, use: (client: ReturnType<typeof clientOf>) => Promise<Value>) => {
  const client = clientOf(url);
  await client.connect();
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
};

describe.skipIf(!hasRedisServer)('Redis', () => {
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });
  afterAll(async () => {
    await server.close();
  });

  describeCounterStore({
    name: 'the Redis store',
    create: () => createRedisCounterStore({ urls: [server.url], ...patient }),
  });
  describeCounterStore({
    name: 'the Redis store with a slot a tenant',
    create: () => createRedisCounterStore({ urls: [server.url], slots: 'tenant', prefix: 'spread', ...patient }),
  });

  it('grants exactly 100 of 200 takes that 4 processes make at once', async () => {
    const granted = await takeFromProcesses({ kind: 'redis', url: server.url, key: '{t:acme}processes', now: noon });
    expect(granted).toHaveLength(4);
    expect(granted.reduce((sum, each) => sum + each, 0)).toBe(100);
  });

  it('makes one round trip a take, however many demands it has', async () => {
    const store = open();
    const demands = Array.from({ length: 8 }, (_, index) => demandOf({ key: `{t:acme}trip-${index}` }));
    await store.take('trip-0', demands, noon);
    const commands = await withClient(server.url, async (client) => {
      await client.configResetStat();
      for (let index = 1; index <= 10; index++) await store.take(`trip-${index}`, demands, noon);
      return client.info('commandstats');
    });
    expect(/cmdstat_evalsha:calls=(\d+)/.exec(commands)?.[1]).toBe('10');
    expect(commands).not.toMatch(/cmdstat_(eval|script\|load|multi|watch):/);
  });

  it('leaves no key without an end, and none that outlives its window by more than 1 minute but the marker', async () => {
    const prefix = 'ends';
    const store = open({ prefix });
    const demands = [
      demandOf({ key: '{t:acme}minute' }),
      demandOf({ key: '{t:acme}lease', kind: 'concurrent', endsAt: noon + 30_000 }),
    ];
    await store.take('t1', demands, noon);
    await store.take('t2', demands, noon);
    await store.giveBack('t1', demands, noon);
    await withClient(server.url, async (client) => {
      const keys = await client.keys(`{${prefix}}:*`);
      expect(keys).toHaveLength(6);
      for (const key of keys) {
        const left = await client.pTTL(key);
        expect(left).toBeGreaterThan(0);
        if (!key.endsWith(':marker')) expect(left).toBeLessThanOrEqual(120_000);
      }
    });
  });

  it('loads its scripts again when the server forgot them', async () => {
    const store = open();
    const demand = demandOf({ key: '{t:acme}flushed', limit: 2 });
    await store.take('f1', [demand], noon);
    await withClient(server.url, (client) => client.scriptFlush());
    expect((await store.take('f2', [demand], noon)).granted).toBe(true);
    await withClient(server.url, (client) => client.scriptFlush());
    await store.giveBack('f2', [demand], noon);
    expect((await store.peek([demand], noon)).states[0]?.used).toBe(1);
  });

  it('keeps two prefixes apart and refuses one with braces', async () => {
    const demand = demandOf({ key: '{t:acme}prefixed', limit: 1 });
    expect((await open({ prefix: 'a' }).take('p', [demand], noon)).granted).toBe(true);
    expect((await open({ prefix: 'b' }).take('p', [demand], noon)).granted).toBe(true);
    expect(() => createRedisCounterStore({ urls: [server.url], prefix: '{x}' })).toThrow('braces');
  });

  it('rejects a take across tenants where every tenant has a slot of its own', async () => {
    const store = open({ slots: 'tenant' });
    const demands = [demandOf({ rule: 'all', key: '{*}all' }), demandOf({ rule: 'own', key: '{t:acme}own' })];
    await expect(store.take('x', demands, noon)).rejects.toThrow('limits all, own are not all counted per tenant');
    expect(store.health()).toEqual({ ok: true });
  });
});

describe.skipIf(!hasRedisServer)('a Redis Cluster', () => {
  let node: RedisServer;
  beforeAll(async () => {
    node = await startRedisServer(['--cluster-enabled', 'yes']);
    await withClient(node.url, async (client) => {
      await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
      await vi.waitFor(
        async () => expect(await client.sendCommand(['CLUSTER', 'INFO'])).toContain('cluster_state:ok'),
        10_000,
      );
    });
  });
  afterAll(() => node.close());

  it.each(['one', 'tenant'] as const)('takes, looks and gives back with slots: %s', async (slots) => {
    const store = createRedisCounterStore({ urls: [node.url], cluster: true, slots, ...patient });
    const demands = ['a', 'b', 'c'].map((name) => demandOf({ key: `{t:acme}${name}`, limit: 1 }));
    const lease = demandOf({ key: '{t:acme}lease', kind: 'concurrent' });
    expect((await store.take('c1', [...demands, lease], noon)).granted).toBe(true);
    expect((await store.take('c2', demands, noon)).granted).toBe(false);
    await store.giveBack('c1', [...demands, lease], noon);
    expect((await store.peek([...demands, lease], noon)).states.map((state) => state.used)).toEqual([0, 0, 0, 0]);
    await store.close();
  });

  it('takes limits of one tenant and across tenants together in one slot', async () => {
    const store = createRedisCounterStore({ urls: [node.url], cluster: true, ...patient });
    const demands = [demandOf({ key: '{*}all', limit: 1 }), demandOf({ key: '{t:acme}own', limit: 5 })];
    expect((await store.take('m1', demands, noon)).granted).toBe(true);
    expect((await store.take('m2', demands, noon)).granted).toBe(false);
    await store.close();
  });
});

describe.skipIf(!hasRedisServer)('a Redis that fails', () => {
  let frail: RedisServer;
  let store: CounterStore;
  let notices: string[];
  const quick = { deadlineMs: 1_000, probeDelayMs: 20 };
  const demand = demandOf({ key: '{t:acme}frail', limit: 5 });
  const start = async (): Promise<void> => {
    frail = await startRedisServer();
    notices = [];
    store = createRedisCounterStore({ urls: [frail.url], ...quick, onNotice: (notice) => notices.push(notice) });
    await vi.waitFor(() => store.peek([demand], noon), 20_000);
    notices.length = 0;
  };
  const isBack = () => vi.waitFor(() => expect(store.health()).toEqual({ ok: true }), 20_000);
  afterEach(async () => {
    frail.resume();
    await store.close();
    await frail.close();
  });

  it('rejects at the deadline when it hangs, and a refused call costs nothing once it answers again', async () => {
    await start();
    await store.take('before', [demand], noon);
    frail.pause();
    await expect(store.take('hangs', [demand], noon)).rejects.toThrow('no answer within the deadline of 1000 ms');
    expect(store.health()).toMatchObject({ ok: false });
    frail.resume();
    await isBack();
    await vi.waitFor(async () => expect((await store.peek([demand], noon)).states[0]?.used).toBe(1), 20_000);
    expect(notices).toEqual([expect.stringContaining('is away'), 'Redis counter store is back']);
  });

  it('leaves a call counted that its limits let pass while the store hung', async () => {
    await start();
    const allowed = demandOf({ key: '{t:acme}allowed', whenStoreDown: 'allow' });
    frail.pause();
    await expect(store.take('passes', [allowed], noon)).rejects.toThrow('deadline');
    frail.resume();
    await isBack();
    await vi.waitFor(async () => expect((await store.peek([allowed], noon)).states[0]?.used).toBe(1), 20_000);
  });

  it('rejects while it is down, says once that it is away and once that it came back empty, and counts from zero', async () => {
    await start();
    await store.take('t1', [demand], noon);
    await frail.kill();
    for (const name of ['t2', 't3'])
      await expect(store.take(name, [demand], noon)).rejects.toThrow('Redis counter store');
    await expect(store.giveBack('t1', [demand], noon)).rejects.toThrow();
    await expect(store.peek([demand], noon)).rejects.toThrow();
    expect(store.health()).toMatchObject({ ok: false });
    await frail.start();
    await isBack();
    expect(await store.take('t4', [demand], noon)).toMatchObject({ granted: true, states: [{ used: 1 }] });
    await store.take('t5', [demand], noon);
    expect(store.health()).toMatchObject({ ok: false, why: expect.stringContaining('came back empty') });
    expect(notices.filter((notice) => notice.includes('is away'))).toHaveLength(1);
    expect(notices.filter((notice) => notice.includes('came back empty'))).toHaveLength(1);
  });

  it('is well again 60 seconds after it came back empty', async () => {
    await start();
    let clock = noon;
    const watching = createRedisCounterStore({ urls: [frail.url], deadlineMs: 5_000, clock: () => clock });
    await watching.take('w1', [demand], noon);
    await withClient(frail.url, (client) => client.flushAll());
    await watching.take('w2', [demand], noon);
    clock += 59_999;
    expect(watching.health()).toMatchObject({ ok: false });
    clock += 1;
    expect(watching.health()).toEqual({ ok: true });
    await watching.close();
  });

  it('reconnects after a lost connection with its counters intact, and says nothing of emptiness', async () => {
    await start();
    await store.take('t1', [demand], noon);
    await withClient(frail.url, (client) => client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']));
    await vi.waitFor(() => store.peek([demand], noon), 20_000);
    await isBack();
    expect((await store.take('t2', [demand], noon)).states[0]?.used).toBe(2);
    expect(notices.filter((notice) => notice.includes('empty'))).toEqual([]);
  });

  it('starts without a server, refuses, and works once there is one', async () => {
    frail = await startRedisServer();
    await frail.kill();
    store = createRedisCounterStore({ urls: [frail.url], ...quick });
    await expect(store.take('t1', [demand], noon)).rejects.toThrow('Redis counter store');
    expect(store.health()).toMatchObject({ ok: false });
    expect((await store.take('none', [], noon)).granted).toBe(true);
    await frail.start();
    await isBack();
    expect((await store.take('t2', [demand], noon)).granted).toBe(true);
  });

  it('refuses everything once it is closed', async () => {
    await start();
    await store.close();
    await expect(store.take('t', [demand], noon)).rejects.toThrow('closed');
    expect(store.health()).toMatchObject({ ok: false });
  });
});
