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

/** Adds a receiver; also what `webhookEndpoints.create` does. */
export function addTarget(
  account: Account,
  { url, secret, kind = 'snapshot', events = ['*'] }: WebhookTarget,
): WebhookEndpointRecord {
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
