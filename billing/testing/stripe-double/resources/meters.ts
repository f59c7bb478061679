import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage } from '../http/list.ts';
import { findMeter } from '../engine/process-meter-events.ts';
import type { Account } from '../state/account.ts';
import type { MeterRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { emit } from '../webhooks/emit.ts';

const displayNameLength = 250;
const eventNameLength = 100;

export const meterEndpoints = [
  endpoint('POST /v1/billing/meters', 'MeterCreate', ({ account, params }) => {
    const now = account.clock.now();
    checkLength('display_name', params.display_name, displayNameLength);
    checkLength('event_name', params.event_name, eventNameLength);
    // A deactivated meter still occupies its name.
    if (findMeter(account, params.event_name)) {
      throw invalidRequest(`A meter with event name '${params.event_name}' already exists.`, { param: 'event_name' });
    }
    const meter: MeterRecord = {
      id: account.ids.next('mtr_test'),
      created: now,
      updated: now,
      eventName: params.event_name,
      displayName: params.display_name,
      formula: params.default_aggregation.formula as MeterRecord['formula'],
      window: (params.event_time_window ?? null) as MeterRecord['window'],
      customerKey: params.customer_mapping?.event_payload_key ?? 'stripe_customer_id',
      valueKey: params.value_settings?.event_payload_key ?? 'value',
      active: true,
      deactivatedAt: null,
    };
    account.meters.set(meter.id, meter);
    emit(account, 'billing.meter.created', toMeter(meter));
    return toMeter(meter);
  }),

  endpoint('GET /v1/billing/meters', 'MeterList', ({ account, params }) => {
    const meters = newestFirst(account.meters).filter(
      (meter) => (params.status ?? statusOf(meter)) === statusOf(meter),
    );
    return toPage(meters, params, {
      kind: 'meter',
      url: '/v1/billing/meters',
      idOf: (meter) => meter.id,
      toItem: toMeter,
    });
  }),

  endpoint('GET /v1/billing/meters/:id', 'Retrieve', ({ account, id }) => toMeter(requireMeter(account, id))),

  // Only the display name: any other parameter is unknown to the schema, which is how a meter is immutable.
  endpoint('POST /v1/billing/meters/:id', 'MeterUpdate', ({ account, params, id }) => {
    const meter = requireMeter(account, id);
    if (params.display_name !== undefined) {
      checkLength('display_name', params.display_name, displayNameLength);
      meter.displayName = params.display_name;
    }
    return changed(account, meter, 'billing.meter.updated');
  }),

  endpoint('POST /v1/billing/meters/:id/deactivate', 'Retrieve', ({ account, id }) => {
    const meter = requireMeter(account, id);
    if (!meter.active) throw invalidRequest('This meter is already inactive.');
    meter.active = false;
    meter.deactivatedAt = account.clock.now();
    return changed(account, meter, 'billing.meter.deactivated');
  }),

  endpoint('POST /v1/billing/meters/:id/reactivate', 'Retrieve', ({ account, id }) => {
    const meter = requireMeter(account, id);
    if (meter.active) throw invalidRequest('This meter is already active.');
    meter.active = true;
    meter.deactivatedAt = null;
    return changed(account, meter, 'billing.meter.reactivated');
  }),
];

export function requireMeter(account: Account, id: string, param = 'id'): MeterRecord {
  const meter = account.meters.get(id);
  if (!meter) throw noSuch('meter', id, param);
  return meter;
}

function changed(account: Account, meter: MeterRecord, event: string): ReturnType<typeof toMeter> {
  meter.updated = account.clock.now();
  emit(account, event, toMeter(meter));
  return toMeter(meter);
}

function checkLength(param: string, value: string, limit: number): void {
  if (value.length > limit)
    throw invalidRequest(`Invalid string: ${param} may be at most ${limit} characters.`, { param });
}

const statusOf = (meter: MeterRecord): 'active' | 'inactive' => (meter.active ? 'active' : 'inactive');

export function toMeter(meter: MeterRecord) {
  return {
    id: meter.id,
    object: 'billing.meter',
    created: meter.created,
    customer_mapping: { event_payload_key: meter.customerKey, type: 'by_id' },
    default_aggregation: { formula: meter.formula },
    display_name: meter.displayName,
    event_name: meter.eventName,
    event_time_window: meter.window,
    livemode: false,
    status: statusOf(meter),
    status_transitions: { deactivated_at: meter.deactivatedAt },
    updated: meter.updated,
    value_settings: { event_payload_key: meter.valueKey },
  } satisfies Wire<Stripe.Billing.Meter>;
}
