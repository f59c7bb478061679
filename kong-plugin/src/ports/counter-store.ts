import type { Demand, Grant, TakenUnits } from '../domain/limits/limit-rule.ts';

/**
 * Counts. The contract, proved for every implementation by `counter-store.contract.ts`:
 *
 * - `take` is one atomic step over all demands, on any number of nodes: either every counter is raised by its cost or
 *   none is. It is refused when any non-shadow counter would pass its limit; `exceeded` is then the one that resets last.
 * - A shadow demand is counted with the others but never refuses.
 * - `takeId` makes a take idempotent for as long as its windows last, but at most 15 minutes for a granted and 1 for a
 *   refused one (a month of calls is too much to remember): a repeated take answers as the first did. `ended` may end that.
 * - `giveBack` of a granted take lowers each named counter once, never below zero, only in its own window and only while the
 *   take is remembered; a lease of `concurrent` is given back at any time.
 * - Counters end with their window; a store that comes back empty starts from zero and says so in `health`.
 * - A rejected promise means that the store is away; the caller applies `whenStoreDown` per demand. Every call is bounded
 *   by the store's deadline.
 */
export interface CounterStore {
  take(takeId: string, demands: readonly Demand[], now: number): Promise<Grant>;
  giveBack(takeId: string, demands: readonly TakenUnits[], now: number): Promise<void>;
  /** The call is over, and everything that it gives back has been: a store in this process need not remember its take. */
  ended?(takeId: string): void;
  /** The counters as they stand, without changing them. */
  peek(demands: readonly Demand[], now: number): Promise<Grant>;
  health(): StoreHealth;
  close(): Promise<void>;
}

export type StoreHealth = { readonly ok: true } | { readonly ok: false; readonly why: string };
