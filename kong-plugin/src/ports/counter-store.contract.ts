import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noon } from '../domain/limits/testing/fixtures.ts';
import {
  closeStore,
  giveBack,
  id,
  lease,
  on,
  openStore,
  store,
  take,
  usedOf,
  type Subject,
} from './testing/open-store.ts';

/** What every implementation of `CounterStore` must do. */
export const describeCounterStore = ({ name, create }: Subject): void => {
  describe(`${name} keeps the contract of CounterStore`, () => {
    beforeEach(() => openStore(create));
    afterEach(closeStore);
    counting();
    looking();
    windows();
    idempotency();
    givingBack();
    shadows();
    leases();
    concurrency();
  });
};

const counting = (): void => {
  it('grants 3 of 3 and refuses the fourth, with used, remaining and reset each time', async () => {
    const demand = on('a', { limit: 3 });
    for (const used of [1, 2, 3])
      expect(await take(used, [demand])).toEqual({
        granted: true,
        states: [{ rule: 'a', limit: 3, used, remaining: 3 - used, resetsAt: noon + 60_000 }],
        shadowExceeded: [],
      });
    const state = { rule: 'a', limit: 3, used: 3, remaining: 0, resetsAt: noon + 60_000 };
    expect(await take(4, [demand])).toEqual({ granted: false, states: [state], exceeded: state, shadowExceeded: [] });
  });

  it('changes no counter at all when one of three is exceeded', async () => {
    const demands = [on('first', { limit: 5 }), on('tight', { limit: 1 }), on('last', { limit: 5 })];
    await take(1, demands);
    const refused = await take(2, demands);
    expect(refused).toMatchObject({ granted: false, exceeded: { rule: 'tight' } });
    expect(refused.states.map((state) => state.used)).toEqual([1, 1, 1]);
    expect(await usedOf(demands)).toEqual([1, 1, 1]);
  });

  it('names the exceeded counter that resets last', async () => {
    const demands = [
      on('soon', { limit: 0 }),
      on('late', { limit: 0, endsAt: noon + 3_600_000 }),
      on('open', { limit: 9, endsAt: noon + 7_200_000 }),
    ];
    expect(await take(1, demands)).toMatchObject({ exceeded: { rule: 'late', resetsAt: noon + 3_600_000 } });
  });

  it('counts costs, and refuses 4 units when 3 are left', async () => {
    const demand = on('a', { cost: 7 });
    expect((await take(1, [demand])).states[0]?.remaining).toBe(3);
    expect((await take(2, [on('a', { cost: 4 })])).granted).toBe(false);
    expect(await take(3, [on('a', { cost: 3 })])).toMatchObject({
      granted: true,
      states: [{ used: 10, remaining: 0 }],
    });
  });

  it('refuses everything for a limit of 0, and when a limit was lowered below what is used', async () => {
    expect((await take(1, [on('none', { limit: 0 })])).granted).toBe(false);
    await take(2, [on('a', { cost: 8 })]);
    expect(await take(3, [on('a', { limit: 5 })])).toMatchObject({
      granted: false,
      exceeded: { used: 8, remaining: 0 },
    });
  });
};

const looking = (): void => {
  it('keeps counters of other keys apart, though their names are odd', async () => {
    const odd = ['{t:acme}a', '{t:acme}a b', '{t:acme}"é\\u0000', "{t:acme}%s':--", `{t:acme}${'x'.repeat(200)}`];
    const demands = odd.map((key) => on('a', { key: `${key}${id('odd')}` }));
    await take(1, demands.slice(0, 2));
    expect(await usedOf(demands)).toEqual([1, 1, 0, 0, 0]);
    await take(2, demands);
    expect(await usedOf(demands)).toEqual([2, 2, 1, 1, 1]);
  });

  it('grants an empty list without a counter', async () => {
    const nothing = { granted: true, states: [], shadowExceeded: [] };
    expect(await take(1, [])).toEqual(nothing);
    expect(await store().peek([], noon)).toEqual(nothing);
    await giveBack(1, []);
  });

  it('looks without counting, and says whether a take would be refused', async () => {
    const demand = on('a', { limit: 1 });
    expect(await store().peek([demand], noon)).toMatchObject({ granted: true, states: [{ used: 0, remaining: 1 }] });
    await take(1, [demand]);
    expect(await store().peek([demand], noon)).toMatchObject({ granted: false, exceeded: { used: 1 } });
    expect(await usedOf([demand])).toEqual([1]);
  });

  it('counts 20 demands in one take', async () => {
    const demands = Array.from({ length: 20 }, (_, index) => on(`l${index}`));
    expect((await take(1, demands)).states.map((state) => state.rule)).toEqual(demands.map((demand) => demand.rule));
    expect(await usedOf(demands)).toEqual(demands.map(() => 1));
  });

  it('is well', () => {
    expect(store().health()).toEqual({ ok: true });
  });
};

const windows = (): void => {
  it('starts from zero in the next window, to the millisecond', async () => {
    const first = on('a', { limit: 1 });
    const next = on('a', { limit: 1, startsAt: noon + 60_000, endsAt: noon + 120_000 });
    expect((await take(1, [first], noon)).granted).toBe(true);
    expect((await take(2, [first], noon + 59_999)).granted).toBe(false);
    expect((await take(3, [next], noon + 60_000)).granted).toBe(true);
  });

  it('counts a second, a day and a month of one call together, and each ends by itself', async () => {
    const second = on('second', { limit: 1, window: 'second', endsAt: noon + 1_000 });
    const month = on('month', { limit: 2, window: 'month', endsAt: noon + 31 * 86_400_000 });
    const later = on('second', { limit: 1, window: 'second', startsAt: noon + 1_000, endsAt: noon + 2_000 });
    const last = on('second', { limit: 1, window: 'second', startsAt: noon + 2_000, endsAt: noon + 3_000 });
    expect((await take(1, [second, month])).granted).toBe(true);
    expect(await take(2, [second, month])).toMatchObject({ granted: false, exceeded: { rule: 'second' } });
    expect((await take(3, [later, month], noon + 1_000)).granted).toBe(true);
    expect(await take(4, [last, month], noon + 2_000)).toMatchObject({ granted: false, exceeded: { rule: 'month' } });
  });
};

const idempotency = (): void => {
  it('answers a repeated take as the first, and counts once', async () => {
    const demands = [on('a'), on('b', { limit: 5, shadow: true })];
    const first = await take('once', demands);
    await take('other', demands);
    expect(await take('once', demands)).toEqual(first);
    expect(await take('once', demands, noon + 59_999)).toEqual(first);
    expect(await usedOf(demands)).toEqual([2, 2]);
  });

  it('answers a repeated take as the first when that was refused', async () => {
    const demand = on('a', { limit: 1 });
    await take(1, [demand]);
    const refused = await take(2, [demand]);
    expect(refused.granted).toBe(false);
    expect(await take(2, [demand])).toEqual(refused);
  });

  it('counts one of 20 simultaneous takes with one id', async () => {
    const demands = [on('a', { limit: 3 }), lease('l')];
    const grants = await Promise.all(Array.from({ length: 20 }, () => take('once', demands)));
    expect(new Set(grants.map((grant) => JSON.stringify(grant))).size).toBe(1);
    expect(await usedOf(demands)).toEqual([1, 1]);
  });

  it('tells ids apart that look alike or are long', async () => {
    const demand = on('a');
    const names = ['x', 'X', 'x ', ' x', 'é', "'; drop", '\u0000', 'y'.repeat(500), 'y'.repeat(501)];
    for (const name of names) await take(name, [demand]);
    expect(await usedOf([demand])).toEqual([9]);
  });
};

const givingBack = (): void => {
  it('gives back once, however often it is asked', async () => {
    const demand = on('a', { cost: 2 });
    await take(1, [demand]);
    await take(2, [demand]);
    await Promise.all([giveBack(1, [demand]), giveBack(1, [demand])]);
    await giveBack(1, [demand]);
    expect(await usedOf([demand])).toEqual([2]);
  });

  it('gives back only the counters that are named, and another of them later', async () => {
    const demands = [on('a'), on('b'), lease('l')] as const;
    await take(1, demands);
    await giveBack(1, [demands[0]]);
    expect(await usedOf(demands)).toEqual([0, 1, 1]);
    await giveBack(1, demands);
    expect(await usedOf(demands)).toEqual([0, 0, 0]);
  });

  it('makes room for another call', async () => {
    const demand = on('a', { limit: 1 });
    await take(1, [demand]);
    await giveBack(1, [demand]);
    expect((await take(2, [demand])).granted).toBe(true);
    expect((await take(3, [demand])).granted).toBe(false);
  });

  it('gives back nothing for a take that was refused or never made', async () => {
    const demand = on('a', { limit: 2 });
    await take(1, [demand]);
    await take(2, [demand]);
    await take('refused', [demand]);
    await giveBack('refused', [demand]);
    await giveBack('unknown', [demand]);
    expect(await usedOf([demand])).toEqual([2]);
  });

  it('never goes below zero', async () => {
    await take(1, [on('a', { cost: 1 })]);
    await giveBack(1, [on('a', { cost: 5 })]);
    expect(await usedOf([on('a')])).toEqual([0]);
  });

  it('leaves the next window alone', async () => {
    const first = on('a', { endsAt: noon + 60_000 });
    const month = on('month', { endsAt: noon + 86_400_000 });
    const next = on('a', { startsAt: noon + 60_000, endsAt: noon + 120_000 });
    await take(1, [first, month]);
    await take(2, [next, month], noon + 60_000);
    await giveBack(1, [first, month], noon + 60_000);
    expect(await usedOf([next, month], noon + 60_000)).toEqual([1, 1]);
  });
};

const shadows = (): void => {
  it('counts a shadow with the others, past its limit, and never refuses for it', async () => {
    const demands = [on('enforced', { limit: 3 }), on('shadow', { limit: 1, shadow: true })];
    expect(await take(1, demands)).toMatchObject({ granted: true, shadowExceeded: [] });
    expect(await take(2, demands)).toMatchObject({ granted: true, shadowExceeded: ['shadow'] });
    expect(await usedOf(demands)).toEqual([2, 2]);
  });

  it('does not count a shadow when an enforced limit refuses, but still says that it would have refused', async () => {
    const demands = [on('enforced', { limit: 0 }), on('shadow', { limit: 0, shadow: true })];
    expect(await take(1, demands)).toMatchObject({
      granted: false,
      exceeded: { rule: 'enforced' },
      shadowExceeded: ['shadow'],
    });
    expect(await usedOf(demands)).toEqual([0, 0]);
  });
};

const leases = (): void => {
  it('lets 2 calls run at once, and a third when one of them has ended', async () => {
    const demand = lease('l');
    expect((await take(1, [demand])).states[0]).toMatchObject({ used: 1, remaining: 1, resetsAt: noon + 600_000 });
    expect((await take(2, [demand])).granted).toBe(true);
    expect(await take(3, [demand])).toMatchObject({ granted: false, exceeded: { rule: 'l', used: 2 } });
    await giveBack(1, [demand]);
    await giveBack(1, [demand]);
    expect((await take(4, [demand])).granted).toBe(true);
    expect((await take(5, [demand])).granted).toBe(false);
  });

  it('ends a forgotten lease by itself, each at its own time', async () => {
    const at = (now: number) => lease('l', { startsAt: now, endsAt: now + 600_000 });
    await take(1, [at(noon)], noon);
    await take(2, [at(noon + 1_000)], noon + 1_000);
    expect(await take(3, [at(noon + 599_999)], noon + 599_999)).toMatchObject({
      granted: false,
      exceeded: { resetsAt: noon + 600_000 },
    });
    expect((await take(4, [at(noon + 600_000)], noon + 600_000)).granted).toBe(true);
    expect(await usedOf([at(noon + 600_000)], noon + 600_000)).toEqual([2]);
    expect(await usedOf([at(noon + 601_000)], noon + 601_000)).toEqual([1]);
  });

  it('takes no lease when a quota refuses', async () => {
    const demands = [lease('l'), on('a', { limit: 0 })];
    await take(1, demands);
    expect(await usedOf(demands)).toEqual([0, 0]);
  });
};

const concurrency = (): void => {
  it('grants exactly 100 of 200 simultaneous takes on a quota of 100', async () => {
    const demands = [on('quota', { limit: 100 }), on('loose', { limit: 1_000 }), lease('open', { limit: 500 })];
    const grants = await Promise.all(Array.from({ length: 200 }, (_, index) => take(index, demands)));
    expect(grants.filter((grant) => grant.granted)).toHaveLength(100);
    expect(await usedOf(demands)).toEqual([100, 100, 100]);
  });

  it('stays right with 100 simultaneous takes that name the same counters in any order, and give half of them back', async () => {
    const demands = Array.from({ length: 6 }, (_, index) => on(`l${index}`, { limit: 1_000 }));
    const rotated = (index: number) => [...demands.slice(index % 6), ...demands.slice(0, index % 6)];
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        await take(index, rotated(index));
        if (index % 2 === 0) await giveBack(index, rotated(index + 3));
      }),
    );
    expect(await usedOf(demands)).toEqual(demands.map(() => 50));
  });
};
