import { describe, expect, it } from 'vitest';
import type { Demand } from '../domain/limits/limit-rule.ts';
import { demandOf } from '../domain/limits/testing/fixtures.ts';
import { WaitingRoom } from './waiting-room.ts';

const place = (key: string, limit: number): Demand => demandOf({ kind: 'concurrent', key, limit });

/** A room whose waits end when the test says so. */
const roomOf = (maxWaiting?: number) => {
  const ends: (() => void)[] = [];
  const pause = (): Promise<void> => new Promise((resolve) => ends.push(resolve));
  const room = new WaitingRoom({ pause, ...(maxWaiting === undefined ? {} : { maxWaiting }) });
  const endAll = (): void => ends.splice(0).forEach((end) => end());
  return { room, endAll, waiting: () => ends.length };
};

describe('a waiting room', () => {
  it('pauses for 20 ms', async () => {
    const pauses: number[] = [];
    const room = new WaitingRoom({ pause: async (milliseconds) => void pauses.push(milliseconds) });
    expect(await room.wait([place('a', 1)])).toBe(true);
    expect(pauses).toEqual([20]);
  });

  it('lets 3 of a flood of 500 calls wait for a counter of 3 places, and one for another counter', async () => {
    const { room, endAll, waiting } = roomOf();
    const flood = Array.from({ length: 500 }, () => room.wait([place('flooded', 3)]));
    const other = room.wait([place('quiet', 1)]);
    expect(waiting()).toBe(4);
    endAll();
    expect((await Promise.all(flood)).filter(Boolean)).toHaveLength(3);
    expect(await other).toBe(true);
  });

  it('lets nobody wait who lacks places of two counters while one of them has no more room', async () => {
    const { room, waiting } = roomOf();
    void room.wait([place('narrow', 1)]);
    expect(await room.wait([place('wide', 9), place('narrow', 1)])).toBe(false);
    void room.wait([place('wide', 9)]);
    expect(waiting()).toBe(2);
  });

  it('holds 100 at most, whatever they wait for', async () => {
    const { room, endAll, waiting } = roomOf();
    const calls = Array.from({ length: 150 }, (_, index) => room.wait([place(`counter ${index}`, 1)]));
    expect(waiting()).toBe(100);
    endAll();
    expect((await Promise.all(calls)).filter(Boolean)).toHaveLength(100);
  });

  it('has room again when a wait is over', async () => {
    const { room, endAll } = roomOf(1);
    for (const _ of [1, 2]) {
      const waited = room.wait([place('a', 1)]);
      expect(await room.wait([place('a', 1)])).toBe(false);
      endAll();
      expect(await waited).toBe(true);
    }
  });
});
