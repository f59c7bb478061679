import type { Demand, Grant } from '../domain/limits/limit-rule.ts';
import { toGrant } from '../domain/limits/to-grant.ts';
import type { CounterStore } from '../ports/counter-store.ts';

/**
 * How counters stand on a node whose routes may count in several stores: a counter lives in one of them, and is at zero in
 * the others.
 */
export const peekAll = async (
  stores: readonly CounterStore[],
  demands: readonly Demand[],
  now: number,
): Promise<Grant> => {
  const grants = await Promise.all(stores.map((store) => store.peek(demands, now)));
  const standings = demands.map(({ endsAt }, index) =>
    grants
      .flatMap(({ states }) => states[index] ?? [])
      .reduce((highest, state) => (state.used > highest.used ? state : highest), { used: 0, resetsAt: endsAt }),
  );
  return toGrant({ demands, standings, mode: 'peek' });
};
