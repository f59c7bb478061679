import { demandsOf, type LimitDemand } from '../domain/limits/demands-of.ts';
import type { CompiledLimits } from '../domain/limits/compile-limits.ts';
import { limitRefusal, storeAwayRefusal } from '../domain/limits/limit-refusal.ts';
import type { CounterState } from '../domain/limits/limit-rule.ts';
import type { Standing } from '../domain/limits/limits-left.ts';
import { decideWithoutStore } from '../domain/limits/store-away.ts';
import type { Message } from '../domain/call.ts';
import type { Caller } from '../domain/caller.ts';
import { definedFields } from '../domain/defined-fields.ts';
import type { Refusal } from '../domain/refusal.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import type { PolicyInForce } from './policy-in-force.ts';

/** What a call took, to be given back when it ends as its limits say. */
export interface Taken {
  /** Idempotency key of the take; the request's id. */
  readonly takeId: string;
  readonly demands: readonly LimitDemand[];
  readonly states: readonly CounterState[];
  /** Shadow limits that would have refused. */
  readonly shadowExceeded: readonly string[];
  /** Limits that let the call pass uncounted because their store was away (`whenStoreDown: allow`). */
  readonly uncounted: readonly string[];
}

/** Why nothing was taken, and how the counters stand. */
export interface NotTaken extends Pick<Taken, 'demands' | 'states'> {
  readonly refusal: Refusal;
}

export interface TakeInput {
  readonly message: Message;
  readonly caller: Caller;
  readonly application?: string;
  readonly plan?: string;
  readonly tenantTimeZone?: string;
  readonly server: string;
  readonly requestId: string;
  readonly now: number;
  readonly weightOf: (server: string, tool: string) => number;
}

interface Asking extends Pick<TakeInput, 'caller' | 'server' | 'requestId' | 'now'> {
  readonly policy: PolicyInForce;
  /** Of the caller's active subscription, if there is one. */
  readonly plan: string | undefined;
}

/** The call as limits see it: one way for a take, for policies outside, and for who asks what is left. */
export const toTakeInput = (message: Message, { policy, caller, plan, server, requestId, now }: Asking): TakeInput => ({
  message,
  caller,
  server,
  requestId,
  now,
  weightOf: policy.weightOf,
  ...definedFields({
    application: policy.judge.applicationOf(caller),
    plan,
    tenantTimeZone: policy.timeZoneOf(caller.tenant),
  }),
});

interface Counters {
  readonly limits: CompiledLimits;
  readonly store: CounterStore;
}

export const nothingTaken: Taken = { takeId: '', demands: [], states: [], shadowExceeded: [], uncounted: [] };

/**
 * Takes what the call needs of every counter that concerns it, in one atomic step: the count that refuses a call is the
 * count that dashboards and invoices show. A store that is away refuses, except for limits whose operator wrote otherwise.
 */
export const takeUnits = async (input: TakeInput, { limits, store }: Counters): Promise<Result<Taken, NotTaken>> => {
  const demands = demandsOf(input, limits);
  if (demands.length === 0) return success(nothingTaken);
  const { message, now, requestId } = input;
  const grant = await store.take(requestId, demands, now).catch(() => undefined);
  if (grant === undefined) return withoutStore(demands, { message, requestId });
  const { states, shadowExceeded } = grant;
  if (!grant.granted)
    return failure({ refusal: limitRefusal({ grant, demands, message, requestId, now }), demands, states });
  return success({ takeId: requestId, demands, states, shadowExceeded, uncounted: [] });
};

/** How each limit that concerns the call stands; nothing is taken. Rejects while the store is away. */
export const standingsOf = async (input: TakeInput, { limits, store }: Counters): Promise<readonly Standing[]> => {
  const demands = demandsOf(input, limits);
  if (demands.length === 0) return [];
  const { states } = await store.peek(demands, input.now);
  return demands.flatMap((demand, index) => {
    const state = states[index];
    return state === undefined ? [] : [{ demand, state }];
  });
};

/** What is left of each limit that concerns the call, by rule, for policies outside; nothing when the store is away. */
export const unitsLeft = async (input: TakeInput, counters: Counters): Promise<Readonly<Record<string, number>>> => {
  const standings = await standingsOf(input, counters).catch(() => []);
  return Object.fromEntries(standings.map(({ state }) => [state.rule, state.remaining]));
};

const withoutStore = (
  demands: readonly LimitDemand[],
  { message, requestId }: { readonly message: Message; readonly requestId: string },
): Result<Taken, NotTaken> => {
  const decided = decideWithoutStore(demands);
  if (!decided.passes)
    return failure({ refusal: storeAwayRefusal(demands, { message, requestId }), demands: [], states: [] });
  return success({ ...nothingTaken, uncounted: decided.rules });
};
