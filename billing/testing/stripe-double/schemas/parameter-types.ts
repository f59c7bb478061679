/**
 * The request parameters that the double understands, by the name of their schema, as the pinned SDK types them.
 * `generate-schemas.ts` turns each property into a JSON Schema (requests.json); endpoints name the property and get its type.
 */
import type Stripe from 'stripe';

export interface ParameterTypes {
  CustomerCreate: Stripe.CustomerCreateParams;
  CustomerUpdate: Stripe.CustomerUpdateParams;
  CustomerList: Stripe.CustomerListParams;
  ProductCreate: Stripe.ProductCreateParams;
  ProductUpdate: Stripe.ProductUpdateParams;
  ProductList: Stripe.ProductListParams;
  PriceCreate: Stripe.PriceCreateParams;
  PriceUpdate: Stripe.PriceUpdateParams;
  PriceList: Stripe.PriceListParams;
  MeterCreate: Stripe.Billing.MeterCreateParams;
  MeterUpdate: Stripe.Billing.MeterUpdateParams;
  MeterList: Stripe.Billing.MeterListParams;
  MeterEventCreate: Stripe.Billing.MeterEventCreateParams;
  MeterEventAdjustmentCreate: Stripe.Billing.MeterEventAdjustmentCreateParams;
  MeterListEventSummaries: Stripe.Billing.MeterListEventSummariesParams;
  MeterEventCreateV2: Stripe.V2.Billing.MeterEventCreateParams;
  SubscriptionCreate: Stripe.SubscriptionCreateParams;
  SubscriptionUpdate: Stripe.SubscriptionUpdateParams;
  SubscriptionList: Stripe.SubscriptionListParams;
  SubscriptionCancel: Stripe.SubscriptionCancelParams;
  SubscriptionItemCreate: Stripe.SubscriptionItemCreateParams;
  SubscriptionItemList: Stripe.SubscriptionItemListParams;
  SubscriptionItemDelete: Stripe.SubscriptionItemDeleteParams;
  InvoiceCreate: Stripe.InvoiceCreateParams;
  InvoiceUpdate: Stripe.InvoiceUpdateParams;
  InvoiceList: Stripe.InvoiceListParams;
  InvoiceListLineItems: Stripe.InvoiceListLineItemsParams;
  InvoiceAddLines: Stripe.InvoiceAddLinesParams;
  InvoiceUpdateLines: Stripe.InvoiceUpdateLinesParams;
  InvoiceRemoveLines: Stripe.InvoiceRemoveLinesParams;
  InvoiceFinalize: Stripe.InvoiceFinalizeInvoiceParams;
  InvoicePay: Stripe.InvoicePayParams;
  InvoiceVoid: Stripe.InvoiceVoidInvoiceParams;
  InvoiceSend: Stripe.InvoiceSendInvoiceParams;
  InvoiceMarkUncollectible: Stripe.InvoiceMarkUncollectibleParams;
  InvoiceCreatePreview: Stripe.InvoiceCreatePreviewParams;
  InvoiceItemCreate: Stripe.InvoiceItemCreateParams;
  InvoiceItemUpdate: Stripe.InvoiceItemUpdateParams;
  InvoiceItemList: Stripe.InvoiceItemListParams;
  CreditNoteCreate: Stripe.CreditNoteCreateParams;
  CreditNoteUpdate: Stripe.CreditNoteUpdateParams;
  CreditNoteList: Stripe.CreditNoteListParams;
  CreditNoteListLineItems: Stripe.CreditNoteListLineItemsParams;
  CreditNoteVoid: Stripe.CreditNoteVoidCreditNoteParams;
  WebhookEndpointCreate: Stripe.WebhookEndpointCreateParams;
  WebhookEndpointUpdate: Stripe.WebhookEndpointUpdateParams;
  WebhookEndpointList: Stripe.WebhookEndpointListParams;
  EventList: Stripe.EventListParams;
  TestClockCreate: Stripe.TestHelpers.TestClockCreateParams;
  TestClockAdvance: Stripe.TestHelpers.TestClockAdvanceParams;
  TestClockList: Stripe.TestHelpers.TestClockListParams;
  /** What retrieve calls take, and what calls without parameters of their own take. */
  Retrieve: Stripe.CustomerRetrieveParams;
}
