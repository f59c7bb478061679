import Stripe from 'stripe';
import type { StripeConnection } from './stripe-settings.ts';

/** The version that this package was written and tested against; a newer SDK may pin another. */
export const STRIPE_API_VERSION = '2026-10-28.endive';

/**
 * Without retries of its own: the callers own their attempts and store them first. Stripe's SDK never retries 429 and
 * sleeps on a clock that tests cannot turn.
 */
export const createStripeClient = (connection: Pick<StripeConnection, 'secretKey' | 'timeoutMs' | 'address'>): Stripe =>
  new Stripe(connection.secretKey.reveal(), {
    apiVersion: STRIPE_API_VERSION,
    maxNetworkRetries: 0,
    timeout: connection.timeoutMs,
    telemetry: false,
    appInfo: { name: 'stoa-billing' },
    ...(connection.address === undefined ? {} : connection.address),
  });
