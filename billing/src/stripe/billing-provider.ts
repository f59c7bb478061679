import type { MeteredAmount } from '../domain/invoicing/metered-price.ts';
import type { Result } from '../domain/result.ts';
import type { MeterAnswer } from '../domain/metering/meter-delivery.ts';

/**
 * Everything that billing asks of the company that writes the invoices. The ledger, the price book and the statements do
 * not know it exists: another provider is another implementation of this port.
 *
 * Every call answers with a value; an implementation throws only for its own bugs. Calls that make something take an
 * idempotency key, which the provider remembers for a day at least: whoever repeats such a call later looks first.
 * Amounts are minor units, instants are milliseconds since 1970, days are `YYYY-MM-DD` in UTC.
 */
export interface BillingProvider extends MeterProvider, CatalogProvider, InvoiceProvider {
  /** Whether money moves. A test account never charges anyone. */
  readonly account: 'test' | 'live';
}

export type Answer<Value> = Promise<Result<Value, ProviderFailure>>;

export type ProviderFailure =
  /** Timeout, 429, 5xx, no connection. It may have happened all the same: look before you repeat it. */
  | { readonly kind: 'unavailable'; readonly message: string; readonly retryAfterMs?: number }
  /** Nothing happened, and the same request will be refused again. */
  | { readonly kind: 'refused'; readonly message: string; readonly code?: string; readonly parameter?: string }
  | { readonly kind: 'missing'; readonly message: string }
  /** The key is wrong or may not do this. */
  | { readonly kind: 'unauthorized'; readonly message: string };

export interface MeterProvider {
  /** Replaces the total of one day. Retries nothing by itself: the caller owns the attempt. */
  sendMeterTotal(total: MeterTotal): Promise<MeterAnswer>;
  /** Days as the provider has counted them so far, which may lag behind what it took; days without events are absent. */
  meterTotals(query: {
    readonly meterId: string;
    readonly customerId: string;
    readonly firstDay: string;
    /** Not included. */
    readonly endDay: string;
  }): Answer<ReadonlyMap<string, bigint>>;
}

export interface MeterTotal {
  readonly identifier: string;
  readonly eventName: string;
  readonly customerId: string;
  readonly day: string;
  readonly value: bigint;
}

export type Metadata = Readonly<Record<string, string>>;

export interface ProviderCustomer {
  readonly id: string;
  readonly name: string;
  readonly metadata: Metadata;
}

export interface ProviderMeter {
  readonly id: string;
  readonly eventName: string;
  readonly displayName: string;
  readonly isActive: boolean;
  /** Daily totals that replace each other, summed over days: what we need and cannot change afterwards. */
  readonly isDailyTotal: boolean;
}

export interface ProviderProduct {
  readonly id: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly metadata: Metadata;
}

export interface ProviderPrice {
  readonly id: string;
  readonly productId: string;
  readonly meterId?: string;
  readonly currency: string;
  readonly isActive: boolean;
  readonly metadata: Metadata;
}

/** A metered monthly price. */
export interface NewPrice {
  readonly productId: string;
  readonly meterId: string;
  readonly currency: string;
  readonly amount: MeteredAmount;
  readonly metadata: Metadata;
}

export interface ProviderSubscription {
  readonly id: string;
  readonly customerId: string;
  readonly isEnded: boolean;
  readonly priceIds: readonly string[];
  /** Where its months begin; 00:00:00 UTC on the first, or a UTC day would straddle two invoices. */
  readonly anchor: number;
  readonly startedAt: number;
  readonly metadata: Metadata;
}

export interface CatalogProvider {
  /** Only those that carry `metadataKey`. */
  listCustomers(metadataKey: string): Answer<readonly ProviderCustomer[]>;
  createCustomer(
    customer: { readonly name: string; readonly metadata: Metadata },
    key: string,
  ): Answer<ProviderCustomer>;
  updateCustomer(id: string, change: { readonly name: string }): Answer<ProviderCustomer>;

  listMeters(): Answer<readonly ProviderMeter[]>;
  createMeter(meter: { readonly eventName: string; readonly displayName: string }, key: string): Answer<ProviderMeter>;
  updateMeter(id: string, change: { readonly displayName: string }): Answer<ProviderMeter>;
  deactivateMeter(id: string): Answer<ProviderMeter>;
  reactivateMeter(id: string): Answer<ProviderMeter>;

  listProducts(metadataKey: string): Answer<readonly ProviderProduct[]>;
  createProduct(product: { readonly name: string; readonly metadata: Metadata }, key: string): Answer<ProviderProduct>;
  updateProduct(id: string, change: { readonly name?: string; readonly isActive?: boolean }): Answer<ProviderProduct>;

  listPrices(metadataKey: string): Answer<readonly ProviderPrice[]>;
  createPrice(price: NewPrice, key: string): Answer<ProviderPrice>;
  deactivatePrice(id: string): Answer<ProviderPrice>;

  listSubscriptions(metadataKey: string): Answer<readonly ProviderSubscription[]>;
  /** Monthly from the first of the month at 00:00:00 UTC, nothing prorated. `startsAt` may be in the past. */
  createSubscription(
    subscription: {
      readonly customerId: string;
      readonly priceIds: readonly string[];
      readonly startsAt: number;
      readonly metadata: Metadata;
    },
    key: string,
  ): Answer<ProviderSubscription>;
  /** Now, without an invoice for what it has counted. */
  endSubscription(id: string): Answer<ProviderSubscription>;
}

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';

/** An invoice without its lines. */
export interface InvoiceHead {
  readonly id: string;
  readonly customerId: string;
  readonly status: InvoiceStatus;
  readonly currency: string;
  readonly subtotalMinor: bigint;
  /** With tax and after credit: what was asked of the customer. */
  readonly amountDueMinor: bigint;
  readonly amountPaidMinor: bigint;
  readonly createdAt: number;
  readonly subscriptionId?: string;
  readonly periodStart: number;
  readonly periodEnd: number;
  readonly metadata: Metadata;
}

export interface ProviderInvoice extends InvoiceHead {
  /** All of them. */
  readonly lines: readonly ProviderInvoiceLine[];
}

export interface ProviderInvoiceLine {
  readonly id: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly description: string;
  /** Decimal text. */
  readonly quantity?: string;
  readonly productId?: string;
  readonly priceId?: string;
  readonly metadata: Metadata;
}

export interface NewInvoiceLine {
  readonly description: string;
  readonly currency: string;
  readonly price:
    | { readonly kind: 'amount'; readonly amountMinor: bigint }
    /** The provider multiplies and rounds. The unit amount is a decimal in minor units. */
    | { readonly kind: 'units'; readonly quantity: bigint; readonly unitAmount: string; readonly product: LineProduct };
  /** Both are included. */
  readonly period: { readonly start: number; readonly end: number };
  readonly metadata: Metadata;
}

/** A product of the catalog, or one that the line brings along. */
export type LineProduct = { readonly id: string } | { readonly name: string };

export interface ProviderCreditNote {
  readonly id: string;
  readonly invoiceId: string;
  readonly amountMinor: bigint;
  readonly metadata: Metadata;
}

export interface InvoiceProvider {
  /** A draft that never finalises by itself and takes nothing but what is added to it. */
  createInvoice(
    invoice: {
      readonly customerId: string;
      readonly currency: string;
      readonly description: string;
      readonly metadata: Metadata;
    },
    key: string,
  ): Answer<InvoiceHead>;
  /** All lines in one call: all of them, or none. */
  addInvoiceLines(invoiceId: string, lines: readonly NewInvoiceLine[], key: string): Answer<InvoiceHead>;
  readInvoice(id: string): Answer<ProviderInvoice>;
  /** Newest first. */
  listInvoices(query: { readonly createdFrom: number; readonly customerId?: string }): Answer<readonly InvoiceHead[]>;
  /** Keeps a draft from finalising by itself, and labels it; other labels stay. */
  holdInvoice(id: string, metadata: Metadata): Answer<InvoiceHead>;
  finalizeInvoice(id: string, key: string): Answer<InvoiceHead>;

  createCreditNote(
    note: {
      readonly invoiceId: string;
      readonly amountMinor: bigint;
      /** The invoice is paid: the customer has it for the next one. Otherwise less is left to pay. */
      readonly isCreditedToBalance: boolean;
      readonly lineId?: string;
      readonly description: string;
      readonly memo: string;
      readonly metadata: Metadata;
    },
    key: string,
  ): Answer<ProviderCreditNote>;
  listCreditNotes(invoiceId: string): Answer<readonly ProviderCreditNote[]>;
}
