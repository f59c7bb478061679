import { describe, expect, it } from 'vitest';
import type { TakenUnits } from '../domain/limits/limit-rule.ts';
import { carriedText, readCarried, type Carried } from '../domain/records/carried.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import type { GuardOutcome } from './guard-protocol.ts';
import { returnUnits } from './return-units.ts';

const rate: TakenUnits = { key: 'a', cost: 2, endsAt: 9, kind: 'rate', giveBack: ['server_error'] };
const place: TakenUnits = { key: 'b', cost: 1, endsAt: 9, kind: 'concurrent', giveBack: [] };

const carriedWith = (demands: readonly TakenUnits[]): Carried =>
  readCarried(
    carriedText('f0e1', {
      admission: { server: 'orders', kind: 'tool', method: 'tools/call', decision: 'allow' },
      taken: demands.length === 0 ? undefined : { takeId: 'f0e1', demands },
      ...{ position: undefined, owner: undefined, list: undefined },
    }),
  );

const end = async (outcome: Partial<GuardOutcome>, demands: readonly TakenUnits[]) => {
  const calls: unknown[] = [];
  const store = {
    giveBack: async (takeId: string, returned: readonly TakenUnits[]) => {
      await Promise.resolve();
      calls.push([takeId, ...returned]);
    },
    ended: (takeId: string) => calls.push(takeId),
  } as unknown as CounterStore;
  await returnUnits(outcome as GuardOutcome, { carried: carriedWith(demands), store, now: 1 });
  return calls;
};

describe('what a call that has ended gives back', () => {
  it.each<readonly [string, Partial<GuardOutcome>, readonly unknown[]]>([
    ['nothing after an answer', { outcome: 'ok' }, []],
    ['what its limit says after a failure of the server', { outcome: 'upstream_error' }, [rate]],
    ['nothing when its limit does not say so', { outcome: 'not_executed' }, []],
    ['everything when it was not forwarded', { outcome: 'not_executed', why: 'gateway' }, [rate]],
    ['everything when the guard refused it', { outcome: 'guard_refused' }, [rate]],
  ])('%s', async (_, outcome, returned) => {
    const expected = returned.length === 0 ? [] : [['f0e1', ...returned]];
    expect(await end(outcome, [rate])).toEqual([...expected, 'f0e1']);
    // A place of a concurrency limit comes back however it ends.
    expect(await end(outcome, [rate, place])).toEqual([['f0e1', ...returned, place], 'f0e1']);
  });

  it('is nothing where nothing was taken', async () => {
    expect(await end({ outcome: 'ok' }, [])).toEqual([]);
  });
});
