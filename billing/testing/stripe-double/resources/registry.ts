import type { Endpoint } from '../http/endpoint.ts';
import { customerEndpoints } from './customers.ts';
import { invoiceEndpoints } from './invoices.ts';
import { invoiceLineEndpoints } from './invoice-lines.ts';
import { meterEventAdjustmentEndpoints } from './meter-event-adjustments.ts';
import { meterEventSummaryEndpoints } from './meter-event-summaries.ts';
import { meterEventEndpoints } from './meter-events.ts';
import { meterEndpoints } from './meters.ts';
import { priceEndpoints } from './prices.ts';
import { productEndpoints } from './products.ts';
import { creditNoteEndpoints } from './credit-notes.ts';
import { eventEndpoints } from './events.ts';
import { invoiceItemEndpoints } from './invoice-items.ts';
import { invoicePreviewEndpoints } from './invoice-preview.ts';
import { subscriptionItemEndpoints } from './subscription-items.ts';
import { subscriptionEndpoints } from './subscriptions.ts';
import { testClockEndpoints } from './test-clocks.ts';
import { webhookEndpointEndpoints } from './webhook-endpoints.ts';

/** Everything the double answers. A new resource is a file and a line here. */
export const endpoints: readonly Endpoint[] = [
  ...customerEndpoints,
  ...productEndpoints,
  ...priceEndpoints,
  ...meterEndpoints,
  ...meterEventEndpoints,
  ...meterEventAdjustmentEndpoints,
  ...meterEventSummaryEndpoints,
  ...invoiceEndpoints,
  ...invoiceLineEndpoints,
  ...creditNoteEndpoints,
  ...eventEndpoints,
  ...invoiceItemEndpoints,
  ...invoicePreviewEndpoints,
  ...subscriptionItemEndpoints,
  ...subscriptionEndpoints,
  ...testClockEndpoints,
  ...webhookEndpointEndpoints,
];
