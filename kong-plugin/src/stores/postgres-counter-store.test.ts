import pg from 'pg';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { demandOf, noon } from '../domain/limits/testing/fixtures.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import { describeCounterStore } from '../ports/counter-store.contract.ts';
import { counterSchema } from './postgres-counter-schema.ts';
import {
  createPostgresCounterStore,
  type PostgresCounterOptions,
  type PostgresCounterStore,
} from './postgres-counter-store.ts';
import { startPostgresServer } from './testing/postgres-server.ts';
import { takeFromProcesses } from './testing/take-from-processes.ts';

const server = await startPostgresServer();
const url = server?.url ?? '';
const stores: CounterStore[] = [];
const notices: string[] = [];
/** The suite is about counting; a busy machine must not turn it into one about deadlines. */
const open = (options: Partial<PostgresCounterOptions> = {}): PostgresCounterStore => {
  const onNotice = (notice: string): void => void notices.push(notice);
  const store = createPostgresCounterStore({ url, deadlineMs: 30_000, probeDelayMs: 20, onNotice, ...options });
  stores.push(store);
  return store;
};

const withClient = async <Value>(use: (client: pg.Client) => Promise<Value>): Promise<Value> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};
const demand = demandOf({ key: '{t:acme}frail', limit: 5 });
const isBack = (store: CounterStore) => vi.waitFor(() => expect(store.health()).toEqual({ ok: true }), 20_000);
const used = async (store: CounterStore, of = demand) => (await store.peek([of], noon)).states[0]?.used;

describe.skipIf(server === undefined)('PostgreSQL', () => {
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    notices.length = 0;
  });
  afterAll(() => server?.close());

  describeCounterStore({
    name: 'the PostgreSQL store',
    create: () => createPostgresCounterStore({ url, deadlineMs: 30_000 }),
  });

  it('grants exactly 100 of 200 takes that 4 processes make at once', async () => {
    const granted = await takeFromProcesses({ kind: 'postgres', url, key: '{t:acme}processes', now: noon });
    expect(granted).toHaveLength(4);
    expect(granted.reduce((sum, each) => sum + each, 0)).toBe(100);
  });

  it('sends one statement a take, however many demands it has', async () => {
    const store = open({ maxConnections: 1 });
    const demands = Array.from({ length: 8 }, (_, index) => demandOf({ key: `{t:acme}trip-${index}` }));
    await store.take('trip-0', demands, noon);
    const query = vi.spyOn(pg.Client.prototype, 'query');
    for (let index = 1; index <= 10; index++) await store.take(`trip-${index}`, demands, noon);
    expect(query.mock.calls).toHaveLength(10);
    query.mockRestore();
  });

  it('makes its schema once, when 5 nodes start on an empty database together', async () => {
    const nodes = Array.from({ length: 5 }, () => open({ schema: 'five_nodes' }));
    const grants = await Promise.all(nodes.map((node, index) => node.take(`n${index}`, [demand], noon)));
    expect(grants.filter((grant) => grant.granted)).toHaveLength(5);
    expect(await used(open({ schema: 'five_nodes' }))).toBe(5);
  });

  it('runs under a role that may not create anything, once an administrator has made the schema', async () => {
    await open({ schema: 'made' }).take('admin', [demand], noon);
    await withClient((client) =>
      client.query(`create role limited login password 'limited'; grant usage on schema made to limited;
        grant select, insert, update, delete on all tables in schema made to limited;`),
    );
    const store = open({ schema: 'made', url: url.replace('counter:counter@', 'limited:limited@') });
    expect((await store.take('limited', [demand], noon)).states[0]?.used).toBe(2);
  });

  it.each(['Bad', 'a; drop', 'a"b', '', 'x'.repeat(42)])('refuses the schema name %j', (schema) => {
    expect(() => counterSchema(schema)).toThrow('not a plain schema name');
  });

  it('removes what ended an hour ago, and nothing that counts', async () => {
    const store = open({ schema: 'swept' });
    const month = demandOf({ key: '{t:acme}month', endsAt: noon + 30 * 86_400_000 });
    const lease = demandOf({ key: '{t:acme}lease', kind: 'concurrent', endsAt: noon + 600_000 });
    for (const name of ['s1', 's2']) await store.take(name, [demand, month, lease], noon);
    expect(await store.sweep(noon + 3_600_000)).toBe(0);
    // The minute's counter, the lease's counter with its 2 leases, and the 2 takes; the month stays.
    expect(await store.sweep(noon + 7_200_000)).toBe(6);
    expect(await used(store, month)).toBe(2);
    expect(await store.sweep(noon + 7_200_000)).toBe(0);
  });

  it('rejects at the deadline when a counter is locked, and the refused call costs nothing afterwards', async () => {
    const patientStore = open({ schema: 'slow' });
    await patientStore.take('before', [demand], noon);
    const store = open({ schema: 'slow', deadlineMs: 1_000 });
    await vi.waitFor(() => store.peek([demand], noon), 20_000);
    await withClient(async (client) => {
      await client.query('begin');
      await client.query('select 1 from slow.counters for update');
      await expect(store.take('late', [demand], noon)).rejects.toThrow('PostgreSQL counter store');
      expect(store.health()).toMatchObject({ ok: false });
      await client.query('rollback');
    });
    await isBack(store);
    await vi.waitFor(async () => expect(await used(store)).toBe(1), 20_000);
  });

  it('rejects while the server is down, and comes back by itself with its counters', async () => {
    const store = open({ schema: 'restarted' });
    await store.take('t1', [demand], noon);
    await server?.stop();
    await expect(store.take('t2', [demand], noon)).rejects.toThrow('PostgreSQL counter store');
    await expect(store.giveBack('t1', [demand], noon)).rejects.toThrow();
    expect(store.health()).toMatchObject({ ok: false });
    await server?.start();
    await isBack(store);
    expect((await store.take('t3', [demand], noon)).states[0]?.used).toBe(2);
    expect(notices.filter((notice) => notice.includes('is away'))).toHaveLength(1);
    expect(notices.filter((notice) => notice.includes('empty'))).toEqual([]);
  });

  it.each([
    ['its schema was dropped', 'drop schema emptied cascade'],
    ['its tables were emptied', 'truncate emptied.counters, emptied.leases, emptied.takes, emptied.marker'],
  ])('counts from zero and says so once after %s', async (_, statement) => {
    const store = open({ schema: 'emptied' });
    await store.take('e1', [demand], noon);
    await withClient((client) => client.query(statement));
    await vi.waitFor(() => store.take('e2', [demand], noon), 20_000);
    await store.take('e3', [demand], noon);
    expect(await used(store)).toBe(2);
    expect(store.health()).toMatchObject({ ok: false, why: expect.stringContaining('came back empty') });
    expect(notices.filter((notice) => notice.includes('came back empty'))).toHaveLength(1);
    await withClient((client) => client.query('drop schema emptied cascade'));
  });

  it('refuses everything once it is closed', async () => {
    const store = open({ schema: 'closed' });
    await store.take('c1', [demand], noon);
    await store.close();
    stores.length = 0;
    await expect(store.take('c2', [demand], noon)).rejects.toThrow('closed');
  });
});
