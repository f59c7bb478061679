import type Stripe from 'stripe';
import type { MeterProvider } from '../billing-provider.ts';
import { callStripe, type CallOptions } from './call-stripe.ts';
import { listAll, PAGE_SIZE } from './list-all.ts';
import { toMeterAnswer, toProviderFailure } from './stripe-failure.ts';

const DAY_MS = 86_400_000;
const toSeconds = (day: string): number => Date.parse(day) / 1000;

export const createStripeMeters = (stripe: Stripe, options: CallOptions): MeterProvider => ({
  sendMeterTotal: async ({ identifier, eventName, customerId, day, value }) => {
    try {
      await stripe.billing.meterEvents.create(
        {
          event_name: eventName,
          identifier,
          timestamp: toSeconds(day),
          payload: { stripe_customer_id: customerId, value: value.toString() },
        },
        // Of the request, where the identifier is of the event: Stripe forgets them at different times.
        { idempotencyKey: `${identifier}:h` },
      );
      return { kind: 'accepted' };
    } catch (error) {
      return toMeterAnswer(toProviderFailure(error));
    }
  },

  meterTotals: ({ meterId, customerId, firstDay, endDay }) =>
    callStripe(async () => {
      const summaries = await listAll(
        stripe.billing.meters.listEventSummaries(meterId, {
          customer: customerId,
          start_time: toSeconds(firstDay),
          end_time: toSeconds(endDay),
          value_grouping_window: 'day',
          limit: PAGE_SIZE,
        }),
      );
      return new Map(summaries.map((summary) => [toDay(summary.start_time), toTotal(summary.aggregated_value)]));
    }, options),
});

const toDay = (seconds: number): string => {
  const milliseconds = seconds * 1000;
  return new Date(milliseconds - (milliseconds % DAY_MS)).toISOString().slice(0, 10);
};

/** We send whole numbers; a fraction is somebody else's event, and rounding it up shows it as one too many. */
const toTotal = (value: number): bigint => BigInt(Math.ceil(value));
