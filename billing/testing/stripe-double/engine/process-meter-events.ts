import type { Account } from '../state/account.ts';
import type { MeterEventRecord, MeterRecord } from '../state/records.ts';
import { emitThin } from '../webhooks/emit.ts';

// Stripe names neither limit; 15 digits is what a double holds exactly.
const digitLimit = 15;
const sampleLimit = 10;

/** The asynchronous side: validates and counts what was accepted and is due. A refusal is only ever reported, never answered. */
export function processMeterEvents(account: Account): void {
  const now = account.clock.now();
  const due = account.pendingMeterEvents.filter((event) => event.processAt <= now);
  if (due.length === 0) return;
  account.pendingMeterEvents = account.pendingMeterEvents.filter((event) => event.processAt > now);
  const refused = due.filter((event) => event.state === 'accepted' && !count(account, event));
  if (refused.length > 0) report(account, refused);
}

function count(account: Account, event: MeterEventRecord): boolean {
  const meter = findMeter(account, event.eventName);
  const error = meter ? errorOf(account, meter, event) : 'no_meter';
  if (meter) event.meter = meter.id;
  if (!meter || error !== undefined) {
    event.state = 'rejected';
    event.errorCode = error ?? 'no_meter';
    return false;
  }
  const customer = event.payload[meter.customerKey] ?? '';
  event.state = 'counted';
  event.customer = customer;
  event.value = meter.formula === 'count' ? '1' : (event.payload[meter.valueKey] ?? '0');
  const key = `${meter.id}/${customer}`;
  const events = account.countedMeterEvents.get(key) ?? [];
  events.push(event);
  // Events of one customer may be due out of order when the lag was changed in between.
  events.sort((left, right) => left.sequence - right.sequence);
  account.countedMeterEvents.set(key, events);
  return true;
}

/** The active meter of that name; else the deactivated one, which keeps the name taken. */
export function findMeter(account: Account, eventName: string): MeterRecord | undefined {
  return [...account.meters.values()].find((meter) => meter.eventName === eventName);
}

function errorOf(account: Account, meter: MeterRecord, event: MeterEventRecord): string | undefined {
  if (!meter.active) return 'archived_meter';
  const customer = event.payload[meter.customerKey];
  if (customer === undefined || customer === '') return 'meter_event_no_customer_defined';
  const record = account.customers.get(customer);
  if (!record || record.deleted) return 'meter_event_customer_not_found';
  if (meter.formula === 'count') return undefined;
  const value = event.payload[meter.valueKey] ?? '';
  if (!/^-?\d+(\.\d{1,12})?$/.test(value)) return 'meter_event_invalid_value';
  if (value.replace(/[-.]/g, '').length > digitLimit) return 'meter_event_value_too_many_digits';
  return undefined;
}

/** One report per meter and pass, with counts and a few samples: not every failed event is named, as with Stripe. */
function report(account: Account, refused: readonly MeterEventRecord[]): void {
  for (const meterId of new Set(refused.map((event) => event.meter))) {
    const events = refused.filter((event) => event.meter === meterId);
    const now = account.clock.now();
    const data = {
      developer_message_summary: `There ${events.length === 1 ? 'is 1 invalid event' : `are ${events.length} invalid events`}`,
      reason: { error_count: events.length, error_types: errorTypes(events) },
      validation_start: new Date((now - 10) * 1000).toISOString(),
      validation_end: new Date(now * 1000).toISOString(),
    };
    if (meterId === undefined) emitThin(account, 'v1.billing.meter.no_meter_found', { data });
    else {
      const related = { id: meterId, type: 'billing.meter', url: `/v1/billing/meters/${meterId}` };
      emitThin(account, 'v1.billing.meter.error_report_triggered', { data, related });
    }
  }
}

function errorTypes(events: readonly MeterEventRecord[]): object[] {
  return [...new Set(events.map((event) => event.errorCode ?? ''))].map((code) => {
    const failed = events.filter((event) => event.errorCode === code);
    const samples = failed.slice(0, sampleLimit).map((event) => ({
      error_message: `Event ${event.identifier}: ${code}`,
      request: { identifier: event.identifier },
    }));
    return { code, error_count: failed.length, sample_errors: samples };
  });
}
