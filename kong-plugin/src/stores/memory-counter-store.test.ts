import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { demandOf, noon } from '../domain/limits/testing/fixtures.ts';
import { describeCounterStore } from '../ports/counter-store.contract.ts';
import { ExpiringMap } from './expiring-map.ts';
import { createMemoryCounterStore } from './memory-counter-store.ts';

describeCounterStore({ name: 'the memory store', create: () => createMemoryCounterStore() });

const demand = (key: string, endsAt = noon + 60_000) => demandOf({ key, endsAt, limit: 1 });

/** What lives, in bytes: garbage is collected first. */
const heapUsed = (): number => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
};

describe('the memory store', () => {
  it('rejects a take beyond 3 counters rather than forget one, and says so until some have ended', async () => {
    const store = createMemoryCounterStore({ maxCounters: 3 });
    for (const key of ['a', 'b', 'c']) await store.take(key, [demand(key)], noon);
    await expect(store.take('d', [demand('d')], noon)).rejects.toThrow('3 counters are in use');
    expect(store.health()).toMatchObject({ ok: false });
    expect((await store.take('again', [demand('a')], noon)).granted).toBe(false);
    expect((await store.take('e', [demand('e', noon + 120_000)], noon + 60_000)).granted).toBe(true);
    expect(store.health()).toEqual({ ok: true });
  });

  it('forgets the oldest of 3 loop counters for a fourth: a caller cannot fill the store with arguments', async () => {
    const store = createMemoryCounterStore({ maxRepeatCounters: 3 });
    const loop = (key: string) => ({ ...demand(key), kind: 'repeat' as const });
    for (const key of ['a', 'b', 'c', 'd']) await store.take(key, [loop(key)], noon);
    const used = async (key: string) => (await store.peek([loop(key)], noon)).states[0]?.used;
    expect([await used('a'), await used('b'), await used('d')]).toEqual([0, 1, 1]);
  });

  it('remembers a granted take for 15 minutes of a month and a refused one for 1', async () => {
    const store = createMemoryCounterStore();
    const month = demand('m', noon + 86_400_000);
    await store.take('granted', [month], noon);
    const refused = await store.take('refused', [month], noon);
    expect(refused.granted).toBe(false);
    await store.giveBack('granted', [month], noon + 899_999);
    expect((await store.peek([month], noon)).states[0]?.used).toBe(0);
    expect((await store.take('refused', [month], noon + 59_999)).granted).toBe(false);
    expect((await store.take('refused', [month], noon + 60_000)).granted).toBe(true);
    await store.giveBack('refused', [month], noon + 960_000);
    expect((await store.peek([month], noon)).states[0]?.used).toBe(1);
  });
});

describe('what the memory store remembers of a take', () => {
  it('is nothing once its call has ended: what was counted stays, and is not given back a second time', async () => {
    const store = createMemoryCounterStore();
    const month = demand('m', noon + 86_400_000);
    await store.take('ended', [month], noon);
    store.ended?.('ended');
    await store.giveBack('ended', [month], noon);
    expect((await store.peek([month], noon)).states[0]?.used).toBe(1);
    expect((await store.take('other', [month], noon)).granted).toBe(false);
  });

  it('is less than 500 bytes for three counters', async () => {
    const store = createMemoryCounterStore();
    const demands = ['month', 'second', 'loop'].map((key) => ({ ...demand(key), limit: 100_000 }));
    const take = (index: number) => store.take(index.toString(16).padStart(32, '0'), demands, noon);
    for (let index = 0; index < 1_000; index++) await take(index);
    const before = heapUsed();
    for (let index = 1_000; index < 51_000; index++) await take(index);
    expect((heapUsed() - before) / 50_000).toBeLessThan(500);
    expect((await take(1)).states[0]?.used).toBe(2);
  });
});

describe('the map whose entries end', () => {
  it('drops the oldest first, however many are gone already, and goes on after it was empty', () => {
    const map = new ExpiringMap<{ readonly endsAt: number }>();
    const add = (key: string) => map.add(key, { endsAt: noon }, 0);
    for (const key of ['a', 'b', 'c']) add(key);
    map.delete('a');
    map.dropOldest();
    add('d');
    add('b');
    map.dropOldest();
    expect([...'abcd'].map((key) => map.get(key, 0) !== undefined)).toEqual([false, true, false, true]);
    for (let drop = 0; drop < 3; drop++) map.dropOldest();
    expect(map.size).toBe(0);
    for (const key of ['e', 'f', 'g']) add(key);
    for (let drop = 0; drop < 3; drop++) map.dropOldest();
    expect(map.size).toBe(0);
  });

  it('frees two ended entries with each that is added, and all of them in the end', () => {
    const map = new ExpiringMap<{ readonly endsAt: number }>();
    for (let index = 0; index < 1_000; index++) map.add(`k${index}`, { endsAt: index < 900 ? noon : noon + 1 }, 0);
    const sizes = Array.from({ length: 600 }, (_, index) => {
      map.add(`new${index % 2}`, { endsAt: noon + 1 }, noon);
      return map.size;
    });
    expect(sizes.some((size, index) => index > 0 && size < (sizes[index - 1] ?? 0) - 2)).toBe(false);
    expect(map.size).toBe(102);
    expect(map.get('k950', noon)).toBeDefined();
    expect(map.get('k950', noon + 1)).toBeUndefined();
  });
});
