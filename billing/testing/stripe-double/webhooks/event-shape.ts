import Stripe from 'stripe';
import type { EventRecord } from '../state/records.ts';

/** A v1 event, with the object as it was. */
export function toSnapshot(event: EventRecord, pendingWebhooks = 0) {
  return {
    id: event.id,
    object: 'event',
    api_version: Stripe.API_VERSION,
    created: event.created,
    data: { object: event.data, ...(event.previous && { previous_attributes: event.previous }) },
    livemode: false,
    pending_webhooks: pendingWebhooks,
    request: { id: event.request.id, idempotency_key: event.request.idempotencyKey },
    type: event.type,
  };
}

/** What a thin event's receiver gets: no data. */
export function toNotification(event: EventRecord) {
  return {
    id: event.id,
    object: 'v2.core.event',
    type: event.type,
    livemode: false,
    created: new Date(event.created * 1000).toISOString(),
    reason: null,
    ...(event.related && { related_object: event.related }),
  };
}

/** What `GET /v2/core/events/:id` answers. */
export function toThinEvent(event: EventRecord) {
  return { ...toNotification(event), data: event.data };
}
