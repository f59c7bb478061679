import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Database } from '../../database/open-database.ts';
import { receiveIntoInbox } from '../../stripe/webhooks/inbox.ts';
import type { ReadWebhook } from '../../stripe/webhooks/read-webhook.ts';
import { problem } from '../problem.ts';

export interface WebhookDeps {
  readonly database: Database;
  readonly environment: string;
  /** Of the account in use: an event of another account is answered and not kept. */
  readonly account: 'test' | 'live';
  readonly read: ReadWebhook;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told what came, so that the inbox is worked on at once instead of at the next turn. */
  readonly onReceived?: (event: { readonly id: string; readonly type: string; readonly isNew: boolean }) => void;
  readonly onRefused?: (reason: string) => void;
  readonly onFailure?: (error: unknown) => void;
}

/** An invoice event with its first lines is some ten thousand bytes. */
const MAX_BODY_BYTES = 1_048_576;
const AWAY_RETRY_SECONDS = 5;

/**
 * `POST /webhooks/stripe`: verified, kept, answered; dealt with afterwards. 200 means it is on disk, and anything else makes
 * Stripe send it again for three days.
 */
export const webhookRoutes = (deps: WebhookDeps): Hono =>
  new Hono().post(
    '/webhooks/stripe',
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (context) => problem(context, 'too_large', `An event has at most ${MAX_BODY_BYTES} bytes.`),
    }),
    async (context) => {
      const signature = context.req.header('stripe-signature') ?? '';
      const event = deps.read(await context.req.text(), signature);
      if (!event.ok) {
        deps.onRefused?.(event.error);
        return problem(context, 'bad_request', event.error);
      }
      const { id, type, account } = event.value;
      if (account !== deps.account) return context.json({ received: false }, 200);
      try {
        const isNew = await receiveIntoInbox(deps, event.value);
        deps.onReceived?.({ id, type, isNew });
        return context.json({ received: true }, 200);
      } catch (error) {
        deps.onFailure?.(error);
        const headers = { 'retry-after': String(AWAY_RETRY_SECONDS) };
        return problem(context, 'unavailable', 'The event cannot be kept now. Send it again.', { headers });
      }
    },
  );
