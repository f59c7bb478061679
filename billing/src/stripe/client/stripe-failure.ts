import Stripe from 'stripe';
import type { MeterAnswer } from '../../domain/metering/meter-delivery.ts';
import type { ProviderFailure } from '../billing-provider.ts';
import { withoutKeys } from './secret.ts';

const { StripeError, StripeConnectionError } = Stripe.errors;

/** What an error of the SDK means for the caller. Anything that is not one is a bug and is thrown again. */
export const toProviderFailure = (error: unknown): ProviderFailure => {
  if (!(error instanceof StripeError)) throw error;
  const message = withoutKeys(error.message);
  const status = error.statusCode;
  if (error instanceof StripeConnectionError || status === undefined || isTransient(status)) {
    const retryAfterMs = retryAfterOf(error.headers);
    return { kind: 'unavailable', message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (status === 401 || status === 403) return { kind: 'unauthorized', message };
  if (status === 404) return { kind: 'missing', message };
  return {
    kind: 'refused',
    message,
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.param === undefined ? {} : { parameter: error.param }),
  };
};

/** 409: another request with the same key is under way. */
const isTransient = (status: number): boolean => status === 409 || status === 429 || status >= 500;

/** An hour: a proxy that asks for more must not stop billing for a day. */
const LONGEST_RETRY_AFTER_S = 3_600;

const retryAfterOf = (headers: Readonly<Record<string, string>> | undefined): number | undefined => {
  const seconds = Number(headers?.['retry-after']);
  return seconds > 0 && seconds <= LONGEST_RETRY_AFTER_S ? seconds * 1000 : undefined;
};

/** Of an attempt to send a meter event. Only a 400 is an answer to the event itself. */
export const toMeterAnswer = (failure: ProviderFailure): MeterAnswer => {
  const { message } = failure;
  if (failure.kind !== 'refused') return failure.kind === 'unavailable' ? failure : { kind: 'unavailable', message };
  // The SDK gives this error no code: the message is all there is.
  if (/already exists with identifier/i.test(message)) return { kind: 'already_exists' };
  if (failure.code === 'timestamp_too_far_in_past') return { kind: 'too_late', message };
  if (failure.code === 'timestamp_in_future') return { kind: 'unavailable', message };
  return { kind: 'rejected', message };
};
