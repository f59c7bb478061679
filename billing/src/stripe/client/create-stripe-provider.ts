import type { BillingProvider } from '../billing-provider.ts';
import type { CallOptions } from './call-stripe.ts';
import { createStripeCatalog } from './stripe-catalog.ts';
import { createStripeClient } from './create-stripe-client.ts';
import { createStripeCreditNotes } from './stripe-credit-notes.ts';
import { createStripeInvoices } from './stripe-invoices.ts';
import { createStripeMeters } from './stripe-meters.ts';
import type { StripeConnection } from './stripe-settings.ts';
import { createStripeSubscriptions } from './stripe-subscriptions.ts';

/** The port, on Stripe. */
export const createStripeProvider = (connection: StripeConnection, options: CallOptions): BillingProvider => {
  const stripe = createStripeClient(connection);
  return {
    account: connection.account,
    ...createStripeMeters(stripe, options),
    ...createStripeCatalog(stripe, options),
    ...createStripeSubscriptions(stripe, options),
    ...createStripeInvoices(stripe, options),
    ...createStripeCreditNotes(stripe, options),
  };
};
