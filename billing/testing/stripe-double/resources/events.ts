import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage, within } from '../http/list.ts';
import type { Account } from '../state/account.ts';
import type { EventRecord } from '../state/records.ts';
import { noSuch } from '../state/stripe-failure.ts';
import { toSnapshot, toThinEvent } from '../webhooks/event-shape.ts';

// Stripe keeps events for 30 days.
const keptSeconds = 30 * 24 * 3600;

export const eventEndpoints = [
  endpoint('GET /v1/events', 'EventList', ({ account, params }) => {
    const oldest = account.clock.now() - keptSeconds;
    const events = newestFirst(account.events).filter(
      (event) =>
        event.kind === 'snapshot' &&
        event.created >= oldest &&
        (params.type === undefined || matches(event.type, params.type)) &&
        (params.types ?? [event.type]).includes(event.type) &&
        within(event.created, params.created),
    );
    const url = '/v1/events';
    return toPage(events, params, {
      kind: 'event',
      url,
      idOf: (event) => event.id,
      toItem: (event) => toSnapshot(event),
    });
  }),

  endpoint('GET /v1/events/:id', 'Retrieve', ({ account, id }) => toSnapshot(requireEvent(account, id, 'snapshot'))),

  endpoint('GET /v2/core/events/:id', 'Retrieve', ({ account, id }) => toThinEvent(requireEvent(account, id, 'thin'))),
];

/** `invoice.*` stands for all of a kind. */
const matches = (type: string, pattern: string): boolean =>
  pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;

function requireEvent(account: Account, id: string, kind: EventRecord['kind']): EventRecord {
  const event = account.events.get(id);
  if (!event || event.kind !== kind) throw noSuch('event', id);
  return event;
}
