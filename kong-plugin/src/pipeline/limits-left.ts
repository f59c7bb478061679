import { readCaller } from '../domain/identity/read-caller.ts';
import { toCall, toMessage } from '../domain/item-call.ts';
import { toLimitsLeft, type LimitLeft, type LimitsQuestion, type LimitsUnknown } from '../domain/limits/limits-left.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { Governance } from './govern.ts';
import { standingsOf, toTakeInput } from './take-units.ts';

/**
 * What a call of this consumer would find left, by the policy and the counters that would judge it. Nothing is taken, and
 * whether rules allow the call is not asked. The consumer alone is known: a limit per user of a token cannot be told.
 */
export const limitsLeft = async (
  { tool, consumer, groups }: LimitsQuestion,
  { config, policy, counters }: Pick<Governance, 'config' | 'policy' | 'counters'>,
  now: number,
): Promise<Result<readonly LimitLeft[], LimitsUnknown>> => {
  const inForce = policy();
  if (!inForce.ok) return failure({ reason: 'no_policy' });
  const call = toCall({ kind: 'tool', name: tool }, config);
  if (call === undefined) return failure({ reason: 'unknown_tool' });
  const read = readCaller({ consumer, groups }, config.callers);
  if (!read.ok) return failure({ reason: 'unclear_caller', detail: read.error.detail });
  const { judge, limits } = inForce.value;
  const caller = judge.resolve(read.value);
  const input = toTakeInput(toMessage(call), {
    ...{ policy: inForce.value, caller, plan: judge.planOf(caller)?.id },
    ...{ server: config.server.name, requestId: '', now },
  });
  const standings = await standingsOf(input, { limits, store: counters }).catch(() => undefined);
  return standings === undefined ? failure({ reason: 'store_away' }) : success(toLimitsLeft(standings));
};
