import { createHash } from 'node:crypto';
import type { Account } from '../state/account.ts';
import type { WebhookEndpointRecord } from '../state/records.ts';

export interface WebhookTarget {
  readonly url: string;
  /** `whsec_…`; default: derived from the seed, and readable on the record. */
  readonly secret?: string;
  /** `snapshot` (default): the object travels with the event. `thin`: a notification, for an event destination. */
  readonly kind?: 'snapshot' | 'thin';
  /** Default `['*']`. */
  readonly events?: readonly string[];
}

/** A double reaches nothing but the machine it runs on. */
export function isLoopback(url: string): boolean {
  return URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

/** Adds a receiver; also what `webhookEndpoints.create` does. */
export function addTarget(
  account: Account,
  { url, secret, kind = 'snapshot', events = ['*'] }: WebhookTarget,
): WebhookEndpointRecord {
  if (!isLoopback(url)) throw new Error(`${url}: the Stripe double sends events to loopback only`);
  const id = account.ids.next('we');
  const target: WebhookEndpointRecord = {
    id,
    created: account.clock.now(),
    secret: secret ?? `whsec_${createHash('sha256').update(`secret of ${id}`).digest('hex').slice(0, 32)}`,
    kind,
    url,
    enabledEvents: [...events],
    description: null,
    enabled: true,
    metadata: {},
  };
  account.webhookEndpoints.set(id, target);
  return target;
}
