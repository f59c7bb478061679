import { settleAttempt, type MeterAnswer } from '../../domain/metering/meter-delivery.ts';
import type { ProviderContext } from '../provider-context.ts';
import type { ClaimedAttempt } from './claim-attempts.ts';

/**
 * Writes down what the provider answered. Only if the row still waits for this very attempt: a process that slept through
 * the end of its claim changes nothing. False then.
 */
export const settleStoredAttempt = async (
  { database, now, random }: ProviderContext,
  { series, day, delivery }: ClaimedAttempt,
  answer: MeterAnswer,
): Promise<boolean> => {
  const at = now();
  const settled = settleAttempt(delivery, answer, { now: at, random: random() });
  const isDecided = settled.inflight === undefined;
  const isTaken = isDecided && settled.state === 'open';
  const changed = await database('meter_day')
    .where({ ...series, day, inflight_id: delivery.inflight?.id ?? null })
    .update({
      attempts: settled.attempts,
      next_attempt_at: new Date(settled.nextAttemptAt),
      state: settled.state,
      last_error: settled.lastError ?? null,
      claimed_until: null,
      ...(isDecided ? { inflight_id: null, inflight_value: null, inflight_since: null } : {}),
      ...(isTaken ? { acked_quantity: settled.acked.toString(), acked_at: new Date(at) } : {}),
    });
  return changed === 1;
};
