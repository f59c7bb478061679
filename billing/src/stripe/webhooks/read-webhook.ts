import type Stripe from 'stripe';
import { failure, success, type Result } from '../../domain/result.ts';
import { createStripeClient } from '../client/create-stripe-client.ts';
import type { StripeConnection } from '../client/stripe-settings.ts';

/** What a webhook says, as far as we believe it: that something happened to an object. Its state is fetched. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** What it is about: an invoice, a subscription, a meter; of a credit note, its invoice. */
  readonly objectId?: string;
  readonly account: 'test' | 'live';
}

export type ReadWebhook = (body: string, signature: string) => Result<ReceivedEvent, string>;

/** Stripe signs anew at each try, so that nothing older is genuine. */
const TOLERANCE_SECONDS = 300;

/**
 * Verifies with any of the secrets: there are two while one is replaced, and thin events have one of their own. `now` is the
 * machine's clock in milliseconds, which Stripe's signatures are compared with.
 */
export const createWebhookReader = (
  connection: Pick<StripeConnection, 'secretKey' | 'timeoutMs' | 'webhookSecrets'>,
  now: () => number,
): ReadWebhook => {
  const stripe = createStripeClient(connection);
  return (body, signature) => {
    const isThin = objectOf(body) === 'v2.core.event';
    for (const secret of connection.webhookSecrets) {
      try {
        return success(read(stripe, { body, signature, secret: secret.reveal(), now: now(), isThin }));
      } catch {
        // Not with this one.
      }
    }
    return failure(
      connection.webhookSecrets.length === 0
        ? 'There is no webhook secret: set STRIPE_WEBHOOK_SECRET.'
        : `The signature is not ours, or older than ${TOLERANCE_SECONDS} seconds.`,
    );
  };
};

/** Only decides how the text is verified. */
const objectOf = (body: string): unknown => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && 'object' in value ? value.object : undefined;
  } catch {
    return undefined;
  }
};

interface Signed {
  readonly body: string;
  readonly signature: string;
  readonly secret: string;
  readonly now: number;
  readonly isThin: boolean;
}

const read = (stripe: Stripe, { body, signature, secret, now, isThin }: Signed): ReceivedEvent =>
  isThin
    ? fromNotification(stripe.parseEventNotification(body, signature, secret, TOLERANCE_SECONDS, undefined, now))
    : fromSnapshot(stripe.webhooks.constructEvent(body, signature, secret, TOLERANCE_SECONDS, undefined, now));

const fromSnapshot = ({ id, type, created, livemode, data }: Stripe.Event): ReceivedEvent => {
  const object = data.object as { readonly id?: unknown; readonly invoice?: unknown };
  const subject = type.startsWith('credit_note.') ? object.invoice : object.id;
  return {
    ...{ id, type, createdAt: created * 1000, account: livemode ? 'live' : 'test' },
    ...(typeof subject === 'string' ? { objectId: subject } : {}),
  };
};

const fromNotification = (notification: Stripe.V2.Core.EventNotification): ReceivedEvent => {
  const { id, type, created, livemode } = notification;
  const related: object | null = 'related_object' in notification ? notification.related_object : null;
  return {
    ...{ id, type, createdAt: Date.parse(created), account: livemode ? 'live' : 'test' },
    ...(related !== null && 'id' in related && typeof related.id === 'string' ? { objectId: related.id } : {}),
  };
};
