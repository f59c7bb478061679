import type { Message } from '../call.ts';
import type { Reason } from '../reason.ts';
import type { Refusal } from '../refusal.ts';
import { plainText } from '../replies/plain-text.ts';
import type { LimitDemand } from './demands-of.ts';
import { durationText, secondsUntil, timeText } from './duration-text.ts';
import type { CounterState, Grant } from './limit-rule.ts';
import { decideWithoutStore } from './store-away.ts';

export interface LimitRefusalInput {
  readonly grant: Extract<Grant, { readonly granted: false }>;
  readonly demands: readonly LimitDemand[];
  readonly message: Message;
  /** Kong's id of the request, so that a caller can name it to the operator. */
  readonly requestId?: string;
  readonly now: number;
}

/** A slot is free when any running call ends, which nobody can know: the caller may ask again soon. */
const CONCURRENCY_RETRY_SECONDS = 1;
/** A store that is away comes back within seconds or not at all. */
const STORE_RETRY_SECONDS = 5;

/** Why a counter refused the call, in words that tell an agent what to do and in data that tell a program (peers §4.3). */
export const limitRefusal = ({ grant, demands, message, requestId, now }: LimitRefusalInput): Refusal => {
  const { exceeded } = grant;
  const demand = demands.find((each) => each.rule === exceeded.rule && !each.shadow);
  const tool = nameOf(message);
  const retryAfter = demand?.kind === 'concurrent' ? CONCURRENCY_RETRY_SECONDS : secondsUntil(exceeded.resetsAt, now);
  return {
    ...addressOf(message),
    reason: reasonOf(demand),
    detail: detailOf(exceeded, { demand, tool, isStream: isStreamCall(message), now }),
    data: {
      rule: exceeded.rule,
      ...(demand === undefined ? {} : { scope: demand.scope, window: windowOf(demand), cost: demand.cost }),
      tool,
      limit: exceeded.limit,
      used: exceeded.used,
      remaining: exceeded.remaining,
      reset_at: timeText(exceeded.resetsAt),
      retry_after: retryAfter,
      ...(requestId === undefined ? {} : { request_id: requestId }),
    },
  };
};

/** The refusal of a call whose counters could not be reached and whose limits do not let it pass uncounted. */
export const storeAwayRefusal = (
  demands: readonly LimitDemand[],
  { message, requestId }: Pick<LimitRefusalInput, 'message' | 'requestId'>,
): Refusal => ({
  ...addressOf(message),
  reason: 'counter_unavailable',
  detail: `The gateway cannot count calls right now, so "${shortName(nameOf(message))}" was not called. Try again in ${STORE_RETRY_SECONDS} s.`,
  data: {
    rules: decideWithoutStore(demands).rules,
    retry_after: STORE_RETRY_SECONDS,
    ...(requestId === undefined ? {} : { request_id: requestId }),
  },
});

const reasonOf = (demand: LimitDemand | undefined): Reason => {
  if (demand?.kind === 'concurrent') return 'concurrency_limited';
  if (demand?.kind === 'repeat') return 'repeat_refused';
  return demand?.window === 'day' || demand?.window === 'month' ? 'quota_exhausted' : 'rate_limited';
};

interface Detail {
  readonly demand: LimitDemand | undefined;
  readonly tool: string;
  readonly isStream: boolean;
  readonly now: number;
}

const detailOf = (state: CounterState, { demand, tool, isStream, now }: Detail): string => {
  const limit = `"${shortName(state.rule)}"`;
  const name = `"${shortName(tool)}"`;
  if (demand?.kind === 'concurrent' && isStream)
    return `Too many calls and streams at once: limit ${limit} allows ${state.limit} and ${state.used} are open, 0 remaining. Close one of them, or wait until one has ended, then open the stream again.`;
  if (demand?.kind === 'concurrent')
    return `Too many calls at once: limit ${limit} allows ${state.limit} and ${state.used} are running, 0 remaining. Wait until one of them has ended, then call ${name} again.`;
  const reset = `It resets at ${timeText(state.resetsAt)}, in ${durationText(secondsUntil(state.resetsAt, now))}.`;
  const period = demand === undefined ? '' : ` this ${demand.window}`;
  if (demand?.kind === 'repeat')
    return `Repeated call refused: ${name} was called ${state.used} times${period} with exactly these arguments, and limit ${limit} allows ${state.limit}, ${state.remaining} remaining. ${reset} Do not repeat it: use the answers you have, change the arguments, or ask the user.`;
  const units = `${state.used} of ${state.limit} used${period}, ${state.remaining} remaining${costText(state, demand)}`;
  return reasonOf(demand) === 'quota_exhausted'
    ? `Quota ${limit} is exhausted: ${units}. ${reset} Do not try again before then; tell the user that the quota is used up and who can raise it: the owner of the subscription.`
    : `Rate limit ${limit} is reached: ${units}. ${reset} Wait until then before calling ${name} again; earlier calls are refused.`;
};

const costText = (state: CounterState, demand: LimitDemand | undefined): string => {
  if (demand === undefined || demand.cost === 1) return '';
  const never = demand.cost > state.limit ? ', more than the whole limit, so it can never pass' : '';
  return `, and this call costs ${demand.cost}${never}`;
};

const windowOf = (demand: LimitDemand): string => (demand.kind === 'concurrent' ? 'concurrent' : demand.window);

const addressOf = (message: Message): Pick<Refusal, 'era' | 'id' | 'subject'> => ({
  era: message.era,
  ...(message.id === undefined ? {} : { id: message.id }),
  subject: nameOf(message),
});

const nameOf = ({ call }: Message): string =>
  call.kind === 'tool' || call.kind === 'operation' ? call.name : call.method;

const isStreamCall = ({ call }: Message): boolean => call.kind === 'listen' || call.kind === 'stream';

const shortName = (name: string): string => plainText(name, { maxCharacters: 64 });
