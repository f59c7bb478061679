import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compileLimits } from '../domain/limits/compile-limits.ts';
import type { Demand, LimitRule } from '../domain/limits/limit-rule.ts';
import { limitOf, noon } from '../domain/limits/testing/fixtures.ts';
import { callerOf, messageOf, toolCall } from '../domain/policies/testing/fixtures.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import { createMemoryCounterStore } from '../stores/memory-counter-store.ts';
import { takeUnits } from './take-units.ts';
import { WaitingRoom } from './waiting-room.ts';

const one = limitOf({ id: 'one', kind: 'concurrent', limit: 1 });

interface Setup {
  readonly limits?: readonly LimitRule[];
  /** What happens while a call waits. */
  readonly meanwhile?: () => Promise<void> | void;
  readonly maxWaiting?: number;
}

/** A node with its own counters; notes the ids of takes and the waits. */
const setUp = ({ limits = [one], meanwhile = () => undefined, ...bounds }: Setup = {}) => {
  const takeIds: string[] = [];
  const waits: number[] = [];
  const memory = createMemoryCounterStore();
  let isAway = false;
  const store: CounterStore = {
    take: async (takeId, demands, now) => {
      takeIds.push(takeId);
      return isAway ? Promise.reject(new Error('away')) : memory.take(takeId, demands, now);
    },
    giveBack: (takeId, demands, now) => memory.giveBack(takeId, demands, now),
    peek: (demands, now) => memory.peek(demands, now),
    health: () => memory.health(),
    close: () => memory.close(),
  };
  const pause = async (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
    await meanwhile();
  };
  const counters = { limits: compileLimits({ limits }), store };
  const room = new WaitingRoom({ pause, ...bounds });
  const call = (requestId: string) => takeUnits(inputOf(requestId), { ...counters, room });
  const callByTheClock = (requestId: string) => takeUnits(inputOf(requestId), counters);
  const end = (takeId: string, demands: readonly Demand[]) => store.giveBack(takeId, demands, noon + 10);
  return { call, callByTheClock, end, store, takeIds, waits, leave: () => (isAway = true) };
};

const inputOf = (requestId: string) => ({
  message: messageOf(toolCall('search_orders')),
  caller: callerOf({ consumer: 'alice', tenant: 'acme', application: 'crm' }),
  server: 'orders',
  requestId,
  now: noon,
  weightOf: () => 1,
});

type Taking = ReturnType<ReturnType<typeof setUp>['call']>;

const granted = async (taking: Taking) => {
  const taken = await taking;
  if (!taken.ok) throw new Error(`refused: ${taken.error.refusal.detail}`);
  return taken.value;
};

const refused = async (taking: Taking) => {
  const taken = await taking;
  if (taken.ok) throw new Error('granted');
  return taken.error;
};

describe('a call that lacks a place of a concurrency limit of 1', () => {
  it('passes when the call before gives its place back meanwhile, and its own place comes back by the id it took', async () => {
    const node = setUp({ meanwhile: () => node.end('r1', first.demands) });
    const first = await granted(node.call('r1'));
    const second = await granted(node.call('r2'));
    expect(second).toMatchObject({ takeId: 'r2:again', states: [{ rule: 'one', used: 1, remaining: 0 }] });
    expect(node.takeIds).toEqual(['r1', 'r2', 'r2:again']);
    await node.end(second.takeId, second.demands);
    expect(await granted(node.call('r3'))).toMatchObject({ takeId: 'r3' });
    expect(node.waits).toEqual([20]);
  });

  it('is refused after one wait when the place does not come back, with the refusal of a call that does not wait', async () => {
    const node = setUp();
    const impatient = setUp({ maxWaiting: 0 });
    for (const { call } of [node, impatient]) await granted(call('r1'));
    const refusal = await refused(node.call('r2'));
    expect(refusal).toEqual(await refused(impatient.call('r2')));
    expect(refusal.refusal).toMatchObject({
      reason: 'concurrency_limited',
      data: { rule: 'one', limit: 1, used: 1, remaining: 0, retry_after: 1, request_id: 'r2' },
    });
    expect([node.waits, impatient.waits]).toEqual([[20], []]);
    expect([node.takeIds, impatient.takeIds]).toEqual([
      ['r1', 'r2', 'r2:again'],
      ['r1', 'r2'],
    ]);
  });

  it('costs its units once, and none when it is refused', async () => {
    const minute = limitOf({ id: 'minute', limit: 10 });
    const node = setUp({ limits: [minute, one], meanwhile: () => (isFree ? node.end('r1', lease) : undefined) });
    let isFree = false;
    const first = await granted(node.call('r1'));
    const lease = first.demands.filter(({ kind }) => kind === 'concurrent');
    await refused(node.call('r2'));
    isFree = true;
    expect((await granted(node.call('r3'))).states).toMatchObject([{ rule: 'minute', used: 2 }, { used: 1 }]);
  });

  it('is answered alike when the same request is taken again', async () => {
    const node = setUp({ meanwhile: () => node.end('r1', first.demands) });
    const first = await granted(node.call('r1'));
    expect(await granted(node.call('r2'))).toEqual(await granted(node.call('r2')));
    expect((await node.store.peek(first.demands, noon)).states).toMatchObject([{ used: 1 }]);
  });

  it('is named the other limit that has been used up meanwhile', async () => {
    const minute = limitOf({ id: 'minute', limit: 2 });
    const node = setUp({ limits: [minute, one], meanwhile: () => fill() });
    const first = await granted(node.call('r1'));
    const [units] = first.demands.filter(({ kind }) => kind === 'rate');
    const fill = async (): Promise<void> => {
      await node.end('r1', first.demands.slice(1));
      await node.store.take('other', units === undefined ? [] : [units], noon);
    };
    expect((await refused(node.call('r2'))).refusal).toMatchObject({
      reason: 'rate_limited',
      data: { rule: 'minute' },
    });
    expect(node.waits).toHaveLength(1);
  });

  it.each([
    ['deny', { ok: false, error: { refusal: { reason: 'counter_unavailable' } } }],
    ['allow', { ok: true, value: { takeId: '', uncounted: ['one'] } }],
  ] as const)('finds the store away after its wait: when_store_down: %s decides', async (whenStoreDown, answer) => {
    const node = setUp({ limits: [{ ...one, whenStoreDown }], meanwhile: () => void node.leave() });
    await granted(node.call('r1'));
    expect(await node.call('r2')).toMatchObject(answer);
  });
});

describe('a call that waiting cannot help', () => {
  const rate = limitOf({ id: 'minute', limit: 1 });
  it.each<[string, readonly LimitRule[], string]>([
    ['a rate', [rate], 'rate_limited'],
    ['a quota', [limitOf({ id: 'month', window: 'month', limit: 1 })], 'quota_exhausted'],
    ['a loop breaker', [limitOf({ id: 'loop', kind: 'repeat', limit: 1 })], 'repeat_refused'],
    ['a place and a rate', [one, rate], 'concurrency_limited'],
    ['a place and a loop breaker', [limitOf({ id: 'loop', kind: 'repeat', limit: 1 }), one], 'concurrency_limited'],
    ['a limit without any place', [{ ...one, limit: 0 }], 'concurrency_limited'],
  ])('that lacks %s is refused at once', async (_, limits, reason) => {
    const node = setUp({ limits });
    await node.call('r1');
    expect((await refused(node.call('r2'))).refusal.reason).toBe(reason);
    expect(node.waits).toEqual([]);
    expect(node.takeIds).toEqual(['r1', 'r2']);
  });

  it('passes at once where the limit is in shadow mode, and waits for its own place though a shadow is exceeded', async () => {
    const shadow = setUp({ limits: [{ ...one, shadow: true }] });
    await granted(shadow.call('r1'));
    expect(await granted(shadow.call('r2'))).toMatchObject({ takeId: 'r2', shadowExceeded: ['one'] });
    expect(shadow.waits).toEqual([]);
    const mixed = setUp({ limits: [one, { ...rate, shadow: true }], meanwhile: () => mixed.end('r1', first.demands) });
    const first = await granted(mixed.call('r1'));
    expect(await granted(mixed.call('r2'))).toMatchObject({ takeId: 'r2:again' });
  });
});

describe('on the clock', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('a place that comes back after 10 ms lets the next call pass after 20', async () => {
    const node = setUp();
    const first = await granted(node.call('r1'));
    setTimeout(() => void node.end('r1', first.demands), 10);
    let answer: Awaited<Taking> | undefined;
    void node.callByTheClock('r2').then((taken) => (answer = taken));
    await vi.advanceTimersByTimeAsync(19);
    expect(answer).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(answer).toMatchObject({ ok: true, value: { takeId: 'r2:again' } });
  });

  it('of 500 calls at once against a place that stays taken 499 are refused before any time has passed', async () => {
    const node = setUp();
    await granted(node.call('r0'));
    let answered = 0;
    const flood = Array.from({ length: 500 }, (_, index) =>
      node.callByTheClock(`r${index + 1}`).finally(() => (answered += 1)),
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(answered).toBe(499);
    await vi.advanceTimersByTimeAsync(20);
    expect((await Promise.all(flood)).some(({ ok }) => ok)).toBe(false);
    expect(node.takeIds).toHaveLength(502);
  });
});
