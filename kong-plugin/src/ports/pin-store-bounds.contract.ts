import { expect, it } from 'vitest';
import { definition, noon, sighting, wholeList } from '../domain/pins/testing/tools.ts';
import { toolHash } from '../domain/pins/tool-hash.ts';
import type { PinStore } from './pin-store.ts';

/** What a server cannot make a `PinStore` keep; a part of `pin-store.contract.ts`. */
export const bounds = (create: () => PinStore): void => {
  const many = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => definition(`tool-${from + index}`));

  it('keeps 1,000 tools of a server, never drops one that was approved, and leaves the rest unknown', async () => {
    const store = create();
    store.observe('orders', sighting([order]), noon);
    await store.approve('orders', 'get_order', toolHash(order), noon);
    store.observe('orders', sighting(many(0, 1_500)), noon);
    expect(store.list('orders')).toHaveLength(1_000);
    expect(store.stateOf('orders', 'get_order')).toBe('approved');
    expect(store.stateOf('orders', 'tool-998')).toBe('new');
    expect(store.stateOf('orders', 'tool-999')).toBeUndefined();
    store.observe('billing', sighting([order]), noon);
    expect(store.stateOf('billing', 'get_order')).toBe('new');
  });

  it('gives the place of a withdrawn tool that nobody approved to a new one', async () => {
    const store = create();
    store.observe('orders', wholeList([order]), noon);
    await store.approve('orders', 'get_order', toolHash(order), noon);
    store.observe('orders', wholeList(many(0, 999)), noon);
    store.observe('orders', wholeList(many(1, 999)), noon);
    expect([store.stateOf('orders', 'get_order'), store.stateOf('orders', 'tool-0')]).toEqual([
      'withdrawn',
      'withdrawn',
    ]);
    store.observe('orders', sighting([definition('late'), definition('too-late')]), noon);
    expect(['get_order', 'tool-0', 'late', 'too-late'].map((tool) => store.stateOf('orders', tool))).toEqual([
      'withdrawn',
      undefined,
      'new',
      undefined,
    ]);
  });

  it('keeps a definition of 65,536 characters and of a longer one only the hash, which is approved all the same', async () => {
    const room = 65_536 - JSON.stringify(definition('a', '')).length;
    const store = create();
    const [fits, large] = [definition('a', 'x'.repeat(room)), definition('b', 'x'.repeat(room + 1))];
    store.observe('orders', sighting([fits, large]), noon);
    expect(store.find('orders', 'a')?.definition).toEqual(fits);
    expect(store.find('orders', 'b')).toMatchObject({ definition: null, currentHash: toolHash(large) });
    expect(store.find('orders', 'b')?.warnings[0]).toContain('65537 characters and is not kept');
    expect(await store.approve('orders', 'b', toolHash(large), noon)).toBe(true);
    store.observe('orders', sighting([definition('b', 'x'.repeat(room + 2))]), noon);
    expect(store.stateOf('orders', 'b')).toBe('changed');
  });

  it('keeps 8 MiB of definitions of one server, however many tools they are', () => {
    const store = create();
    const large = many(0, 200).map((each) => ({ ...each, description: 'x'.repeat(60_000) }));
    store.observe('orders', sighting(large), noon);
    const kept = store.list('orders').filter((tool) => tool.definition !== null);
    expect(kept.length).toBe(Math.floor((8 * 1024 * 1024) / 60_150));
    expect(store.list('orders')).toHaveLength(200);
    store.observe('billing', sighting([order]), noon);
    expect(store.find('billing', 'get_order')?.definition).toEqual(order);
  });
};

const order = definition('get_order');
