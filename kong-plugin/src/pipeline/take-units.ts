import { demandsOf, type LimitDemand } from '../domain/limits/demands-of.ts';
import type { CompiledLimits } from '../domain/limits/compile-limits.ts';
import { limitRefusal, storeAwayRefusal } from '../domain/limits/limit-refusal.ts';
import type { CounterState, Grant } from '../domain/limits/limit-rule.ts';
import type { Standing } from '../domain/limits/limits-left.ts';
import { placesToWaitFor } from '../domain/limits/places-to-wait-for.ts';
import { decideWithoutStore } from '../domain/limits/store-away.ts';
import type { Message } from '../domain/call.ts';
import type { Caller } from '../domain/caller.ts';
import { optionalFields, type AllFields } from '../domain/defined-fields.ts';
import type { Refusal } from '../domain/refusal.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { waitingRoom, type WaitingRoom } from './waiting-room.ts';

/** What a call took, to be given back when it ends as its limits say. */
export interface Taken {
  /** Idempotency key of the take that was granted: the request's id, of a second try with `:again`. */
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
export const toTakeInput = (message: Message, { policy, caller, plan, server, requestId, now }: Asking): TakeInput =>
  optionalFields({
    message,
    caller,
    server,
    requestId,
    now,
    weightOf: policy.weightOf,
    application: policy.judge.applicationOf(caller),
    plan,
    tenantTimeZone: policy.timeZoneOf(caller.tenant),
  } satisfies AllFields<TakeInput>);

interface Counters {
  readonly limits: CompiledLimits;
  readonly store: CounterStore;
  /** The process's own unless a test brings one. */
  readonly room?: WaitingRoom;
}

export const nothingTaken: Taken = { takeId: '', demands: [], states: [], shadowExceeded: [], uncounted: [] };

/**
 * Takes what the call needs of every counter that concerns it, in one atomic step: the count that refuses a call is the
 * count that dashboards and invoices show. A store that is away refuses, except for limits whose operator wrote otherwise.
 */
export const takeUnits = async (input: TakeInput, counters: Counters): Promise<Result<Taken, NotTaken>> => {
  const demands = demandsOf(input, counters.limits);
  if (demands.length === 0) return success(nothingTaken);
  const { message, now, requestId } = input;
  const answer = await takePatiently({ takeId: requestId, demands, now }, counters);
  if (answer === undefined) return withoutStore(demands, { message, requestId });
  const { takeId, grant } = answer;
  const { states, shadowExceeded } = grant;
  if (!grant.granted)
    return failure({ refusal: limitRefusal({ grant, demands, message, requestId, now }), demands, states });
  return success({ takeId, demands, states, shadowExceeded, uncounted: [] });
};

interface Take {
  readonly takeId: string;
  readonly demands: readonly LimitDemand[];
  readonly now: number;
}

interface Answer {
  readonly takeId: string;
  readonly grant: Grant;
}

/**
 * A place comes back with the record of its call, a few milliseconds after the client has the answer, so that 1 in 20
 * of a client's calls one after the other found its own last place taken: who lacks nothing but a place asks once more.
 */
const takePatiently = async (take: Take, counters: Counters): Promise<Answer | undefined> => {
  const first = await takeOnce(take, counters);
  if (first === undefined || first.grant.granted) return first;
  const places = placesToWaitFor(first.grant, take.demands);
  if (places.length === 0 || !(await (counters.room ?? waitingRoom).wait(places))) return first;
  // An id of its own, because stores remember the refused take. A store that goes away meanwhile is away for this call.
  return takeOnce({ ...take, takeId: `${take.takeId}:again` }, counters);
};

/** Undefined: the store is away. */
const takeOnce = ({ takeId, demands, now }: Take, { store }: Counters): Promise<Answer | undefined> =>
  store.take(takeId, demands, now).then(
    (grant) => ({ takeId, grant }),
    () => undefined,
  );

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
