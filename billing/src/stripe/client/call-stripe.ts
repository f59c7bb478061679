import { backoffMs } from '../../domain/metering/meter-delivery.ts';
import { failure, success } from '../../domain/result.ts';
import type { Answer } from '../billing-provider.ts';
import { toProviderFailure } from './stripe-failure.ts';

export interface CallOptions {
  readonly random: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Then the job that asked gives up and comes back later, with what it has stored. */
const MAX_TRIES = 4;

/**
 * One call, and again with full jitter where Stripe did not answer or asked to slow down. For calls that can be repeated:
 * they read, they set, or they carry an idempotency key.
 */
export const callStripe = async <Value>(call: () => Promise<Value>, { random, wait }: CallOptions): Answer<Value> => {
  for (let tries = 0; ; tries++) {
    try {
      return success(await call());
    } catch (error) {
      const failed = toProviderFailure(error);
      if (failed.kind !== 'unavailable' || tries + 1 >= MAX_TRIES) return failure(failed);
      await wait(Math.max(backoffMs(tries, random()), failed.retryAfterMs ?? 0));
    }
  }
};
