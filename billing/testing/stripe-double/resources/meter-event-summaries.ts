import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { toPage } from '../http/list.ts';
import { countedEvents, usageOf, windowSeconds } from '../engine/meter-usage.ts';
import type { Account } from '../state/account.ts';
import type { MeterRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { requireMeter } from './meters.ts';

type Summary = Wire<Stripe.Billing.MeterEventSummary>;

export const meterEventSummaryEndpoints = [
  endpoint('GET /v1/billing/meters/:id/event_summaries', 'MeterListEventSummaries', ({ account, params, id }) => {
    const meter = requireMeter(account, id);
    if (!account.customers.has(params.customer)) throw noSuch('customer', params.customer, 'customer');
    const { start_time: from, end_time: to } = params;
    const grouping = params.value_grouping_window as 'hour' | 'day' | undefined;
    checkAligned(from, to, grouping);
    const span = { customer: params.customer, from, to };
    const starts = grouping === undefined ? [from] : windowsWithUsage(account, meter, span, windowSeconds[grouping]);
    const summaries = starts.map((start): Summary => {
      const end = grouping === undefined ? to : start + windowSeconds[grouping];
      const used = usageOf(account, meter, { customer: params.customer, from: start, to: end });
      return {
        id: summaryId(meter.id, params.customer, start, end),
        object: 'billing.meter_event_summary',
        aggregated_value: Number(used),
        end_time: end,
        livemode: false,
        meter: meter.id,
        start_time: start,
      };
    });
    const url = `/v1/billing/meters/${meter.id}/event_summaries`;
    return toPage(summaries, params, {
      kind: 'meter event summary',
      url,
      idOf: (each) => each.id,
      toItem: (each) => each,
    });
  }),
];

/** Windows without usage are left out; the newest come first. */
function windowsWithUsage(
  account: Account,
  meter: MeterRecord,
  span: { customer: string; from: number; to: number },
  seconds: number,
): number[] {
  const starts = countedEvents(account, meter, span).map((event) => Math.floor(event.timestamp / seconds) * seconds);
  return [...new Set(starts)].sort((left, right) => right - left);
}

function checkAligned(from: number, to: number, grouping: 'hour' | 'day' | undefined): void {
  const seconds = grouping === undefined ? 60 : windowSeconds[grouping];
  const boundary = grouping === undefined ? 'minute' : `UTC ${grouping}`;
  for (const [param, at] of Object.entries({ start_time: from, end_time: to })) {
    if (at % seconds !== 0) throw invalidRequest(`${param} must be aligned with ${boundary} boundaries.`, { param });
  }
  if (to <= from) throw invalidRequest('end_time must be after start_time.', { param: 'end_time' });
}

const summaryId = (...parts: readonly (string | number)[]): string =>
  `mtrusg_test_${createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 24)}`;
