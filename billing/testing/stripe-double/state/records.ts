/** What the double remembers: plain records. `resources/*` turn them into Stripe's shapes. Times are epoch seconds. */

export type Metadata = Record<string, string>;

export interface Address {
  city: string | null;
  country: string | null;
  line1: string | null;
  line2: string | null;
  postal_code: string | null;
  state: string | null;
}

export interface CustomerRecord {
  readonly id: string;
  readonly created: number;
  readonly testClock: string | null;
  readonly invoicePrefix: string;
  nextInvoiceSequence: number;
  name: string | null;
  email: string | null;
  phone: string | null;
  description: string | null;
  address: Address | null;
  currency: string | null;
  /** Minor units; negative is credit. */
  balance: number;
  defaultPaymentMethod: string | null;
  metadata: Metadata;
  deleted: boolean;
}

export interface ProductRecord {
  readonly id: string;
  readonly created: number;
  updated: number;
  name: string;
  active: boolean;
  description: string | null;
  unitLabel: string | null;
  taxCode: string | null;
  statementDescriptor: string | null;
  url: string | null;
  defaultPrice: string | null;
  images: string[];
  metadata: Metadata;
}

/** Amounts are decimal strings in minor units, at most 12 decimals. */
export interface TierRecord {
  readonly upTo: number | null;
  readonly unitAmount: string | null;
  readonly flatAmount: string | null;
}

export interface PriceRecord {
  readonly id: string;
  readonly created: number;
  readonly currency: string;
  readonly product: string;
  readonly unitAmount: string | null;
  readonly tiers: readonly TierRecord[] | null;
  readonly tiersMode: 'graduated' | 'volume' | null;
  readonly transform: { readonly divideBy: number; readonly round: 'up' | 'down' } | null;
  readonly recurring: RecurringRecord | null;
  active: boolean;
  lookupKey: string | null;
  nickname: string | null;
  taxBehavior: 'exclusive' | 'inclusive' | 'unspecified';
  metadata: Metadata;
}

export interface RecurringRecord {
  readonly interval: 'day' | 'month' | 'week' | 'year';
  readonly intervalCount: number;
  readonly usageType: 'licensed' | 'metered';
  readonly meter: string | null;
}

export interface MeterRecord {
  readonly id: string;
  readonly created: number;
  readonly eventName: string;
  readonly formula: 'count' | 'last' | 'sum';
  readonly window: 'day' | 'hour' | null;
  readonly customerKey: string;
  readonly valueKey: string;
  updated: number;
  displayName: string;
  active: boolean;
  deactivatedAt: number | null;
}

export interface MeterEventRecord {
  /** The order received, which is what `last wins` goes by. */
  readonly sequence: number;
  readonly identifier: string;
  readonly eventName: string;
  readonly payload: Readonly<Record<string, string>>;
  readonly timestamp: number;
  readonly receivedAt: number;
  /** When the asynchronous side looks at it. */
  readonly processAt: number;
  state: 'accepted' | 'counted' | 'rejected' | 'cancelled';
  /** Set once counted. */
  meter?: string;
  customer?: string;
  value?: string;
  /** Why the asynchronous side refused it. */
  errorCode?: string;
}

export interface ChargePricing {
  readonly price: string;
  readonly product: string;
  readonly unitAmountDecimal: string | null;
}

/** What one line charges; an invoice item and its invoice line share it. */
export interface ChargeRecord {
  amount: number;
  readonly currency: string;
  description: string | null;
  discountable: boolean;
  metadata: Metadata;
  period: { start: number; end: number };
  pricing: ChargePricing | null;
  /** Decimal text. */
  quantity: string;
}

export interface InvoiceItemRecord {
  readonly id: string;
  readonly customer: string;
  readonly date: number;
  readonly charge: ChargeRecord;
  readonly subscription: string | null;
  invoice: string | null;
}

export interface InvoiceLineRecord {
  readonly id: string;
  readonly charge: ChargeRecord;
  readonly invoiceItem: string | null;
  readonly subscriptionItem: string | null;
  readonly subscription: string | null;
  /** True: its item waited for this invoice; such lines come first. */
  readonly wasPending: boolean;
}

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';

export interface InvoiceRecord {
  readonly id: string;
  readonly created: number;
  readonly customer: string;
  readonly currency: string;
  readonly billingReason: 'manual' | 'subscription_create' | 'subscription_cycle' | 'subscription_update';
  readonly subscription: string | null;
  periodStart: number;
  periodEnd: number;
  status: InvoiceStatus;
  autoAdvance: boolean;
  finalizesAt: number | null;
  collectionMethod: 'charge_automatically' | 'send_invoice';
  daysUntilDue: number | null;
  dueDate: number | null;
  description: string | null;
  footer: string | null;
  number: string | null;
  customFields: { name: string; value: string }[] | null;
  metadata: Metadata;
  lines: InvoiceLineRecord[];
  amountPaid: number;
  /** The part of it that was paid out of band. */
  amountPaidOffStripe: number;
  attempts: number;
  startingBalance: number;
  endingBalance: number | null;
  prePaymentCredit: number;
  postPaymentCredit: number;
  finalizedAt: number | null;
  paidAt: number | null;
  voidedAt: number | null;
  uncollectibleAt: number | null;
}

export interface CreditNoteLineRecord {
  readonly id: string;
  readonly kind: 'invoice_line_item' | 'custom_line_item';
  readonly amount: number;
  readonly description: string | null;
  readonly invoiceLine: string | null;
  readonly quantity: number | null;
  readonly unitAmountDecimal: string | null;
  readonly metadata: Metadata | null;
}

export interface CreditNoteRecord {
  readonly id: string;
  readonly created: number;
  readonly number: string;
  readonly invoice: string;
  readonly customer: string;
  readonly currency: string;
  readonly amount: number;
  readonly reason: 'duplicate' | 'fraudulent' | 'order_change' | 'product_unsatisfactory' | null;
  readonly lines: readonly CreditNoteLineRecord[];
  readonly prePayment: number;
  readonly postPayment: number;
  readonly outOfBand: number | null;
  memo: string | null;
  metadata: Metadata;
  voidedAt: number | null;
}

export interface SubscriptionItemRecord {
  readonly id: string;
  readonly created: number;
  price: string;
  quantity: number | null;
  metadata: Metadata;
  /** Set when taken off: its usage until then is still on the next invoice. */
  removedAt: number | null;
}

export interface AnchorRecord {
  readonly dayOfMonth: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export interface SubscriptionRecord {
  readonly id: string;
  readonly created: number;
  /** Before `created` when it is backdated. */
  readonly startDate: number;
  readonly customer: string;
  readonly currency: string;
  readonly billingMode: 'classic' | 'flexible';
  readonly anchorConfig: AnchorRecord | null;
  readonly anchor: number;
  items: SubscriptionItemRecord[];
  status: 'active' | 'canceled';
  collectionMethod: 'charge_automatically' | 'send_invoice';
  daysUntilDue: number | null;
  description: string | null;
  metadata: Metadata;
  periodStart: number;
  periodEnd: number;
  /** How many intervals after the anchor the current period ends. */
  cycle: number;
  cancelAtPeriodEnd: boolean;
  canceledAt: number | null;
  endedAt: number | null;
  latestInvoice: string | null;
}

export interface WebhookEndpointRecord {
  readonly id: string;
  readonly created: number;
  readonly secret: string;
  /** `thin` targets are event destinations: they get notifications without the object. */
  readonly kind: 'snapshot' | 'thin';
  url: string;
  enabledEvents: string[];
  description: string | null;
  enabled: boolean;
  metadata: Metadata;
}

export interface EventRecord {
  readonly id: string;
  readonly kind: 'snapshot' | 'thin';
  readonly type: string;
  readonly created: number;
  /** The object as it was (snapshot), or the event's own data (thin). */
  readonly data: Record<string, unknown>;
  readonly previous?: Record<string, unknown>;
  readonly related?: { readonly id: string; readonly type: string; readonly url: string };
  readonly request: { readonly id: string | null; readonly idempotencyKey: string | null };
}

export interface TestClockRecord {
  readonly id: string;
  readonly created: number;
  readonly name: string | null;
  frozenTime: number;
  status: 'ready' | 'advancing';
}
