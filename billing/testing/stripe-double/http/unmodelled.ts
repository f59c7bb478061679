import { invalidRequest } from '../state/stripe-failure.ts';

/**
 * Parameters that Stripe knows and that would change amounts or dates in a way the double does not model. Ignoring them
 * would show a wrong invoice with a straight face, so they are refused. What only decorates (rendering, shipping
 * addresses) is accepted and ignored.
 */
const unmodelled: ReadonlySet<string> = new Set([
  'add_invoice_items',
  'application_fee_amount',
  'application_fee_percent',
  'billing_schedules',
  'billing_thresholds',
  'cancel_at',
  'coupon',
  'currency_options',
  'custom_unit_amount',
  'current_trial',
  'customer_account',
  'customer_details',
  'default_tax_rates',
  'discounts',
  'from_invoice',
  'on_behalf_of',
  'pause_collection',
  'pending_invoice_item_interval',
  'plan',
  'promotion_code',
  'refunds',
  'schedule',
  'schedule_details',
  'shipping_cost',
  'subscription_details',
  'tax_amounts',
  'tax_rates',
  'transfer_data',
  'trial_end',
  'trial_from_plan',
  'trial_period_days',
]);

/** Refuses a request that carries one of them, at any depth. Empty values only unset what was never set. */
export function refuseUnmodelled(params: unknown, prefix = ''): void {
  if (typeof params !== 'object' || params === null) return;
  for (const [key, value] of Object.entries(params)) {
    const param = prefix === '' ? key : `${prefix}[${key}]`;
    if (key === 'metadata' || key === 'payload' || key === 'expand') continue;
    if (isEmpty(value)) continue;
    if (unmodelled.has(key) || (key === 'automatic_tax' && isEnabled(value))) {
      throw invalidRequest(`The Stripe double does not model '${param}'.`, { code: 'double_not_modelled', param });
    }
    refuseUnmodelled(value, param);
  }
}

const isEmpty = (value: unknown): boolean =>
  value === '' || value === null || (Array.isArray(value) && value.length === 0);

const isEnabled = (value: unknown): boolean => (value as { enabled?: unknown }).enabled === true;
