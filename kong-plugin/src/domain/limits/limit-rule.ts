import type { CallerMatch } from '../rule.ts';

export type Window = 'second' | 'minute' | 'hour' | 'day' | 'month';
export type LimitScope = 'tenant' | 'application' | 'user' | 'server' | 'tool';

/** One limit or quota. Calls that differ in none of `per` share a counter. */
export interface LimitRule {
  readonly id: string;
  /** `rate`: at most `limit` units a window. `concurrent`: at most `limit` calls under way. `repeat`: at most `limit` calls of one tool with the same arguments a window (stops an agent that loops). */
  readonly kind: 'rate' | 'concurrent' | 'repeat';
  /** Calendar windows; `day` and `month` in the tenant's time zone. Ignored for `concurrent`. */
  readonly window: Window;
  readonly limit: number;
  readonly per: readonly LimitScope[];
  readonly servers: readonly string[];
  readonly callers: CallerMatch;
  readonly tools: readonly string[];
  /** Outcomes after which the units come back, besides a call that was never forwarded. */
  readonly giveBack: readonly ('client_error' | 'server_error' | 'tool_error')[];
  /** What happens while the counter store is away. `allow` is the operator's written choice, and is audited. */
  readonly whenStoreDown: 'deny' | 'allow';
  /** Decided and recorded, not enforced. */
  readonly shadow: boolean;
}

/** What one call needs of one counter. Windows are absolute, so that a store needs no calendar. */
export interface Demand {
  readonly rule: string;
  readonly kind: LimitRule['kind'];
  /** Unambiguous for rule, scope values and window: two different counters never share it. */
  readonly key: string;
  readonly limit: number;
  readonly cost: number;
  readonly window: Window;
  /** Milliseconds since the epoch; half-open. For `concurrent` the end is when a forgotten unit is given back by itself. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly whenStoreDown: 'deny' | 'allow';
  readonly shadow: boolean;
  readonly giveBack: LimitRule['giveBack'];
}

/** What is left to know of a demand once it was granted: how it is given back. Travels with the call. */
export type TakenUnits = Pick<Demand, 'kind' | 'key' | 'cost' | 'endsAt' | 'giveBack'>;

/** State of one counter after a take. */
export interface CounterState {
  readonly rule: string;
  readonly limit: number;
  /** Including this call when it was granted. */
  readonly used: number;
  readonly remaining: number;
  /** Milliseconds since the epoch. */
  readonly resetsAt: number;
}

/** All or nothing: when `granted` is false, no counter was changed. Shadow demands never refuse. */
export type Grant =
  | { readonly granted: true; readonly states: readonly CounterState[]; readonly shadowExceeded: readonly string[] }
  | {
      readonly granted: false;
      readonly states: readonly CounterState[];
      readonly exceeded: CounterState;
      readonly shadowExceeded: readonly string[];
    };
