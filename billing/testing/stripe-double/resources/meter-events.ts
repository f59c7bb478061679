import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { MeterEventRecord } from '../state/records.ts';
import { invalidRequest, StripeFailure } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';

const nameLength = 100;
const uniqueSeconds = 24 * 3600;
const pastSeconds = 35 * 24 * 3600;
const futureSeconds = 5 * 60;

interface Given {
  readonly event_name: string;
  readonly payload: Readonly<Record<string, string>>;
  readonly identifier?: string;
}

export const meterEventEndpoints = [
  endpoint(
    'POST /v1/billing/meter_events',
    'MeterEventCreate',
    ({ account, params }) => toMeterEvent(accept(account, params, params.timestamp)),
    ({ params }) => exclusiveKey(params),
  ),

  endpoint(
    'POST /v2/billing/meter_events',
    'MeterEventCreateV2',
    ({ account, params }) => {
      const milliseconds = params.timestamp === undefined ? undefined : Date.parse(params.timestamp);
      if (milliseconds !== undefined && Number.isNaN(milliseconds)) {
        throw invalidRequest(`Invalid timestamp: ${params.timestamp ?? ''}`, { param: 'timestamp' });
      }
      const seconds = milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000);
      const event = toMeterEvent(accept(account, params, seconds));
      const iso = (at: number): string => new Date(at * 1000).toISOString();
      return {
        ...event,
        object: 'v2.billing.meter_event',
        created: iso(event.created),
        timestamp: iso(event.timestamp),
      };
    },
    ({ params }) => exclusiveKey(params),
  ),
];

/** One call at a time per customer and meter, as Stripe limits v1. */
function exclusiveKey(params: Given): string {
  return `meter '${params.event_name}' and customer '${params.payload['stripe_customer_id'] ?? ''}'`;
}

/** Takes an event in. That is all a 200 says: whether it counts is decided later, by `processMeterEvents`. */
function accept(account: Account, params: Given, timestamp: number | undefined): MeterEventRecord {
  const now = account.clock.now();
  checkName('event_name', params.event_name);
  if (params.identifier !== undefined) checkName('identifier', params.identifier);
  // A customer on a test clock lives in that clock's time.
  const customerNow = timeOf(account, params.payload['stripe_customer_id']);
  checkTimestamp(timestamp ?? customerNow, customerNow);
  const identifier = params.identifier ?? account.ids.next('idmp');
  const known = account.meterEventsByIdentifier.get(identifier);
  if (known && now - known.receivedAt < uniqueSeconds) throw duplicate(identifier);
  const event: MeterEventRecord = {
    sequence: account.meterEvents.length,
    identifier,
    eventName: params.event_name,
    payload: { ...params.payload },
    timestamp: timestamp ?? customerNow,
    receivedAt: now,
    processAt: now + account.settings.meterLagSeconds,
    state: 'accepted',
  };
  account.meterEvents.push(event);
  account.pendingMeterEvents.push(event);
  account.meterEventsByIdentifier.set(identifier, event);
  return event;
}

function checkName(param: string, value: string): void {
  if (value.length > nameLength)
    throw invalidRequest(`Invalid string: ${param} may be at most 100 characters.`, { param });
}

function checkTimestamp(timestamp: number, now: number): void {
  if (timestamp < now - pastSeconds) {
    throw invalidRequest('Timestamp must be within the past 35 calendar days.', {
      code: 'timestamp_too_far_in_past',
      param: 'timestamp',
    });
  }
  if (timestamp > now + futureSeconds) {
    throw invalidRequest('Timestamp must be at most 5 minutes in the future.', {
      code: 'timestamp_in_future',
      param: 'timestamp',
    });
  }
}

/** Not a silent success, and not to be retried: the event is there already. */
function duplicate(identifier: string): StripeFailure {
  const message = `An event already exists with identifier ${identifier}.`;
  return new StripeFailure(400, { type: 'invalid_request_error', message }, { 'stripe-should-retry': 'false' });
}

function toMeterEvent(event: MeterEventRecord) {
  return {
    object: 'billing.meter_event',
    created: event.receivedAt,
    event_name: event.eventName,
    identifier: event.identifier,
    livemode: false,
    payload: { ...event.payload },
    timestamp: event.timestamp,
  } satisfies Wire<Stripe.Billing.MeterEvent>;
}
