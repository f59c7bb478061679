import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';

const cancellableSeconds = 24 * 3600;

export const meterEventAdjustmentEndpoints = [
  /** Cancels one event by identifier, within 24 h of its receipt. In a window the event received before it counts again. */
  endpoint('POST /v1/billing/meter_event_adjustments', 'MeterEventAdjustmentCreate', ({ account, params }) => {
    const identifier = params.cancel?.identifier;
    if (identifier === undefined) {
      throw invalidRequest('Missing required param: cancel[identifier].', {
        code: 'parameter_missing',
        param: 'cancel[identifier]',
      });
    }
    const event = account.meterEventsByIdentifier.get(identifier);
    if (!event || event.eventName !== params.event_name) throw noSuch('meter event', identifier, 'cancel[identifier]');
    if (account.clock.now() - event.receivedAt > cancellableSeconds) {
      throw invalidRequest('A meter event can only be cancelled within 24 hours of Stripe receiving it.');
    }
    event.state = 'cancelled';
    return {
      object: 'billing.meter_event_adjustment',
      cancel: { identifier },
      event_name: event.eventName,
      livemode: false,
      status: 'complete',
      type: 'cancel',
    } satisfies Wire<Stripe.Billing.MeterEventAdjustment>;
  }),
];
