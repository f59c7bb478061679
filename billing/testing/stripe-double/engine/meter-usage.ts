import type { Account } from '../state/account.ts';
import type { MeterEventRecord, MeterRecord } from '../state/records.ts';
import { fromScaled, toScaled } from './decimal.ts';

export const windowSeconds = { hour: 3600, day: 86_400 } as const;

export interface UsageSpan {
  readonly customer: string;
  /** Epoch seconds, half-open. */
  readonly from: number;
  readonly to: number;
}

/**
 * What a meter counted for a customer in a span, as decimal text. With `event_time_window` each UTC hour or day holds one
 * event, the one received last; without, every event counts.
 */
export function usageOf(account: Account, meter: MeterRecord, span: UsageSpan): string {
  const events = countedEvents(account, meter, span);
  if (meter.formula === 'count') return String(events.length);
  if (meter.formula === 'last') return latest(events)?.value ?? '0';
  return fromScaled(events.reduce((sum, event) => sum + toScaled(event.value ?? '0'), 0n));
}

/** The events that count, after windows and cancellations. */
export function countedEvents(
  account: Account,
  meter: MeterRecord,
  { customer, from, to }: UsageSpan,
): MeterEventRecord[] {
  const counted = account.countedMeterEvents.get(`${meter.id}/${customer}`) ?? [];
  const events = counted.filter(
    (event) => event.state === 'counted' && event.timestamp >= from && event.timestamp < to,
  );
  if (meter.window === null) return events;
  const seconds = windowSeconds[meter.window];
  const lastOf = new Map<number, MeterEventRecord>();
  // In the order received, not by timestamp: a later event for an earlier moment of the window replaces.
  for (const event of events) lastOf.set(Math.floor(event.timestamp / seconds), event);
  return [...lastOf.values()];
}

/** `last`: by the event's own time; of two at one moment, the one received later. */
function latest(events: readonly MeterEventRecord[]): MeterEventRecord | undefined {
  let found: MeterEventRecord | undefined;
  for (const event of events) if (!found || event.timestamp >= found.timestamp) found = event;
  return found;
}
