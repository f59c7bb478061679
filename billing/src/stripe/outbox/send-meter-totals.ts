import { createTokenBucket, takeToken } from '../../domain/metering/token-bucket.ts';
import type { MeterAnswer } from '../../domain/metering/meter-delivery.ts';
import type { ProviderContext } from '../provider-context.ts';
import { claimAttempts, type ClaimedAttempt } from './claim-attempts.ts';
import { settleStoredAttempt } from './settle-attempt.ts';

export interface SenderReport {
  readonly accepted: number;
  /** Had been taken already by an attempt whose answer was lost. */
  readonly alreadyKnown: number;
  readonly unavailable: number;
  readonly rejected: number;
  readonly tooLate: number;
  /** The provider did not answer a whole batch: the rest waits for the next run. */
  readonly isProviderDown: boolean;
}

/** Attempts stored at a time, each of another customer and meter. */
const BATCH_SIZE = 64;
/** At 100 ms a call they are more than the default of 50 a second. */
const DEFAULT_CALLS_AT_ONCE = 8;

/**
 * Sends every daily total that is due and returns when none is. Any number of processes may do so at once, and may die at
 * any point: what they were doing is in the database.
 */
export const sendMeterTotals = async (context: ProviderContext): Promise<SenderReport> => {
  const counts = { accepted: 0, already_exists: 0, unavailable: 0, rejected: 0, too_late: 0 };
  const pace = createPace(context);
  let isProviderDown = false;
  while (!isProviderDown) {
    const { attempts, givenUp } = await claimAttempts(context, BATCH_SIZE);
    counts.too_late += givenUp;
    if (attempts.length + givenUp === 0) break;
    let answered = givenUp;
    await eachAtMost(context.callsAtOnce ?? DEFAULT_CALLS_AT_ONCE, attempts, async (attempt) => {
      await pace();
      const answer = await send(context, attempt);
      if (answer === undefined) return;
      counts[answer.kind]++;
      if (answer.kind !== 'unavailable') answered++;
      await settleStoredAttempt(context, attempt, answer);
    });
    isProviderDown = answered === 0;
  }
  const { accepted, already_exists: alreadyKnown, unavailable, rejected, too_late: tooLate } = counts;
  return { accepted, alreadyKnown, unavailable, rejected, tooLate, isProviderDown };
};

/** Nothing when the claim has ended meanwhile: somebody else may be sending it. */
const send = async (
  { provider, now }: ProviderContext,
  { day, delivery, customerId, eventName, claimedUntil }: ClaimedAttempt,
): Promise<MeterAnswer | undefined> => {
  if (delivery.inflight === undefined || now() >= claimedUntil) return undefined;
  const { id: identifier, value } = delivery.inflight;
  return provider.sendMeterTotal({ identifier, eventName, customerId, day, value });
};

const createPace = ({ callsPerSecond, now, wait }: ProviderContext): (() => Promise<void>) => {
  let bucket = createTokenBucket(callsPerSecond, now());
  return async () => {
    const taken = takeToken(bucket, now());
    bucket = taken.bucket;
    if (taken.waitMs > 0) await wait(taken.waitMs);
  };
};

const eachAtMost = async <Item>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const queue = [...items];
  const run = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, run));
};
