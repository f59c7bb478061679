import { describe, expect, it } from 'vitest';
import type { PinState } from '../domain/pins/pinned-tool.ts';
import { definition, noon, sighting, wholeList } from '../domain/pins/testing/tools.ts';
import { toolHash } from '../domain/pins/tool-hash.ts';
import { bounds } from './pin-store-bounds.contract.ts';
import type { PinStore } from './pin-store.ts';

interface Subject {
  readonly name: string;
  /** A fresh, empty store. */
  readonly create: () => PinStore;
  /** Closes the store and opens what it kept. Absent for stores that keep nothing. */
  readonly restart?: (store: PinStore) => Promise<PinStore>;
}

const order = definition('get_order');
const changedOrder = definition('get_order', 'Something else.');
const refund = definition('create_refund');

const approve = (store: PinStore, { name }: { readonly name: string }, at = noon): Promise<boolean> =>
  store.approve('orders', name, store.find('orders', name)?.currentHash ?? '', at);

const states = (store: PinStore): Readonly<Record<string, PinState>> =>
  Object.fromEntries(store.list().map(({ server, tool, state }) => [`${server}/${tool}`, state]));

/** What every implementation of `PinStore` must do. */
export const describePinStore = ({ name, create, restart }: Subject): void => {
  describe(`${name} keeps the contract of PinStore`, () => {
    describe('sightings', () => sightings(create));
    describe('warnings', () => warnings(create));
    describe('approvals', () => approvals(create));
    describe('withdrawal', () => withdrawals(create));
    describe('bounds', () => bounds(create));
    if (restart !== undefined) describe('a restart', () => restarts(create, restart));
  });
};

const sightings = (create: Subject['create']): void => {
  it('knows nothing of a tool that no list has shown', () => {
    const store = create();
    expect([store.stateOf('orders', 'get_order'), store.find('orders', 'get_order')]).toEqual([undefined, undefined]);
    expect([store.list(), store.list('orders')]).toEqual([[], []]);
  });

  it('answers with what a page changed, and with nothing when the page is known', () => {
    const store = create();
    const first = store.observe('orders', sighting([order, refund]), noon);
    expect(first.map(({ tool, state }) => [tool, state])).toEqual([
      ['get_order', 'new'],
      ['create_refund', 'new'],
    ]);
    expect(store.observe('orders', sighting([order]), noon)).toEqual([]);
    expect(store.observe('orders', sighting([order], 'bob'), noon)).toEqual([]);
    expect(store.observe('orders', sighting([changedOrder]), noon).map(({ tool }) => tool)).toEqual(['get_order']);
  });

  it('keeps the definition and its hash, and when the tool was first seen and last changed', () => {
    const store = create();
    store.observe('orders', sighting([order]), noon);
    store.observe('orders', sighting([changedOrder]), noon + 5);
    expect(store.find('orders', 'get_order')).toEqual({
      server: 'orders',
      tool: 'get_order',
      state: 'new',
      currentHash: toolHash(changedOrder),
      definition: changedOrder,
      warnings: [],
      firstSeenAt: noon,
      changedAt: noon + 5,
      seenBy: 'alice',
    });
  });

  it('lists by server and tool, in the order of code units, all or those of one server', () => {
    const store = create();
    store.observe('orders', sighting([order, refund, definition('Zebra')]), noon);
    store.observe('billing', sighting([order]), noon);
    const names = (server?: string): readonly string[] =>
      store.list(server).map((tool) => `${tool.server}/${tool.tool}`);
    expect(names()).toEqual(['billing/get_order', 'orders/Zebra', 'orders/create_refund', 'orders/get_order']);
    expect(names('billing')).toEqual(['billing/get_order']);
  });

  it.each(['__proto__', 'constructor', 'toString', ' ', '"],["x'])(
    'takes %j for a name like any other',
    async (tool) => {
      const store = create();
      expect(store.stateOf(tool, tool)).toBeUndefined();
      store.observe(tool, sighting([definition(tool)]), noon);
      expect(store.stateOf(tool, tool)).toBe('new');
      expect(store.stateOf(tool, 'other')).toBeUndefined();
      expect(await store.approve(tool, tool, toolHash(definition(tool)), noon)).toBe(true);
      expect(store.stateOf(tool, tool)).toBe('approved');
    },
  );
};

const warnings = (create: Subject['create']): void => {
  it('warns of hidden text, and of look-alike names on both tools of the pair', () => {
    const store = create();
    store.observe('orders', sighting([definition('get_order', 'Reads\u200B.')]), noon);
    store.observe('evil', sighting([definition('Get_order')]), noon);
    expect(store.find('orders', 'get_order')?.warnings).toEqual([
      'The name looks like "Get_order" of the server "evil".',
      '/description has 1 zero-width characters.',
    ]);
    expect(store.list('evil')[0]?.warnings).toEqual(['The name looks like "get_order" of the server "orders".']);
  });
};

const approvals = (create: Subject['create']): void => {
  it('hold for the definition that was approved, and for no other', async () => {
    const store = create();
    store.observe('orders', sighting([order]), noon);
    expect(await approve(store, order)).toBe(true);
    expect(store.stateOf('orders', 'get_order')).toBe('approved');
    store.observe('orders', sighting([changedOrder]), noon);
    expect(store.stateOf('orders', 'get_order')).toBe('changed');
    store.observe('orders', sighting([changedOrder]), noon);
    expect(store.stateOf('orders', 'get_order')).toBe('changed');
    store.observe('orders', sighting([order]), noon);
    expect(store.stateOf('orders', 'get_order')).toBe('approved');
  });

  it('are refused for a hash that is outdated, of another tool, or of nothing', async () => {
    const store = create();
    store.observe('orders', sighting([order, refund]), noon);
    store.observe('orders', sighting([changedOrder]), noon);
    for (const hash of [toolHash(order), toolHash(refund), '', 'f'.repeat(64)])
      expect(await store.approve('orders', 'get_order', hash, noon)).toBe(false);
    expect(await store.approve('orders', 'unknown', toolHash(order), noon)).toBe(false);
    expect(await store.approve('billing', 'create_refund', toolHash(refund), noon)).toBe(false);
    expect(states(store)).toEqual({ 'orders/create_refund': 'new', 'orders/get_order': 'new' });
  });

  it('show both definitions once the tool has changed', async () => {
    const store = create();
    store.observe('orders', sighting([order]), noon);
    await approve(store, order, noon + 1);
    store.observe('orders', sighting([changedOrder]), noon + 2);
    expect(store.find('orders', 'get_order')).toMatchObject({
      approvedHash: toolHash(order),
      approvedDefinition: order,
      approvedAt: noon + 1,
      currentHash: toolHash(changedOrder),
      definition: changedOrder,
    });
  });

  it('may be repeated, and concern one server only', async () => {
    const store = create();
    for (const server of ['orders', 'billing']) store.observe(server, sighting([order]), noon);
    expect(await approve(store, order)).toBe(true);
    expect(await approve(store, order, noon + 9)).toBe(true);
    expect(store.find('orders', 'get_order')?.approvedAt).toBe(noon);
    expect(store.stateOf('billing', 'get_order')).toBe('new');
  });
};

const withdrawals = (create: Subject['create']): void => {
  it('follows from a complete list without the tool, and is answered', () => {
    const store = create();
    store.observe('orders', wholeList([order, refund]), noon);
    const changes = store.observe('orders', wholeList([refund]), noon + 5);
    expect(changes.map(({ tool, state, changedAt }) => [tool, state, changedAt])).toEqual([
      ['get_order', 'withdrawn', noon + 5],
    ]);
    expect(store.observe('orders', wholeList([refund]), noon + 6)).toEqual([]);
  });

  it('does not follow from a page alone', () => {
    const store = create();
    store.observe('orders', wholeList([order, refund]), noon);
    expect(store.observe('orders', sighting([refund]), noon)).toEqual([]);
    expect(store.stateOf('orders', 'get_order')).toBe('new');
  });

  it('counts the names of all pages', () => {
    const store = create();
    store.observe('orders', sighting([order]), noon);
    store.observe('orders', { ...sighting([refund]), complete: new Set(['get_order', 'create_refund']) }, noon);
    expect(states(store)).toEqual({ 'orders/create_refund': 'new', 'orders/get_order': 'new' });
  });

  it('does not follow from the list of a caller who is shown less', () => {
    const store = create();
    store.observe('orders', wholeList([order, refund], 'alice'), noon);
    expect(store.observe('orders', wholeList([refund], 'bob'), noon)).toEqual([]);
    expect(store.stateOf('orders', 'get_order')).toBe('new');
    store.observe('orders', wholeList([refund], 'alice'), noon);
    expect(store.stateOf('orders', 'get_order')).toBe('withdrawn');
  });

  it('does not touch other servers', () => {
    const store = create();
    for (const server of ['orders', 'billing']) store.observe(server, wholeList([order]), noon);
    store.observe('orders', wholeList([]), noon);
    expect(states(store)).toEqual({ 'billing/get_order': 'new', 'orders/get_order': 'withdrawn' });
  });

  it('ends when the tool is listed again: approved as it was, changed as another', async () => {
    const store = create();
    store.observe('orders', wholeList([order]), noon);
    await approve(store, order);
    store.observe('orders', wholeList([]), noon);
    store.observe('orders', wholeList([order]), noon);
    expect(store.stateOf('orders', 'get_order')).toBe('approved');
    store.observe('orders', wholeList([]), noon);
    store.observe('orders', wholeList([changedOrder]), noon);
    expect(store.stateOf('orders', 'get_order')).toBe('changed');
  });
};

const restarts = (create: Subject['create'], restart: NonNullable<Subject['restart']>): void => {
  it('forgets nothing: every state, both definitions, times, views, large definitions', async () => {
    const large = definition('large', 'x'.repeat(70_000));
    const store = create();
    store.observe('orders', wholeList([order, refund, large, definition('gone')]), noon);
    await approve(store, order, noon + 1);
    await approve(store, refund, noon + 2);
    await approve(store, large, noon + 3);
    store.observe('orders', wholeList([changedOrder, refund, large, definition('fresh', 'a\u200Bb')]), noon + 4);
    const before = store.list();
    expect(states(store)).toEqual({
      'orders/create_refund': 'approved',
      'orders/fresh': 'new',
      'orders/get_order': 'changed',
      'orders/gone': 'withdrawn',
      'orders/large': 'approved',
    });
    const again = await restart(store);
    expect(again.list()).toEqual(before);
    expect(again.health()).toEqual({ ok: true });
  });

  it('does not make a changed tool an approved one, nor a seen one forgotten', async () => {
    const store = create();
    store.observe('orders', sighting([order]), noon);
    await approve(store, order);
    store.observe('orders', sighting([changedOrder]), noon);
    const again = await restart(store);
    expect(again.stateOf('orders', 'get_order')).toBe('changed');
    expect(again.observe('orders', sighting([changedOrder]), noon)).toEqual([]);
  });

  it('still lets a complete list of the same view withdraw', async () => {
    const store = create();
    store.observe('orders', wholeList([order]), noon);
    const again = await restart(store);
    again.observe('orders', wholeList([], 'bob'), noon);
    expect(again.stateOf('orders', 'get_order')).toBe('new');
    again.observe('orders', wholeList([]), noon);
    expect(again.stateOf('orders', 'get_order')).toBe('withdrawn');
  });
};
