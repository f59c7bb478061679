import { createFractions, IdSource } from './id-source.ts';
import type * as records from './records.ts';
import { VirtualClock, type ClockOptions } from './virtual-clock.ts';

/** What a Stripe account, or its Dashboard, decides. */
export interface AccountSettings {
  readonly defaultCurrency: string;
  readonly country: string;
  readonly name: string;
  /** How long a draft with `auto_advance` waits before it is finalised; Stripe: 1 h, at most 72 h. */
  finalizationGraceSeconds: number;
  /** How long an accepted meter event waits before it is validated and counted. */
  meterLagSeconds: number;
  /** Whether a charge of a default payment method works. */
  payments: 'succeed' | 'decline';
  /** Whether a tiered price makes a line per tier reached, as Stripe's invoices show, or one. They may round apart. */
  tieredLines: 'per-tier' | 'single';
  /** Real milliseconds that a meter event is in flight; 0 is one turn of the event loop. */
  meterLatencyMs: number;
}

export interface AccountOptions {
  readonly clock?: ClockOptions;
  readonly seed?: string;
  readonly settings?: Partial<AccountSettings>;
}

export interface RequestIdentity {
  readonly id: string | null;
  readonly idempotencyKey: string | null;
}

/** The state of the one account that a double holds. */
export interface Account {
  readonly settings: AccountSettings;
  readonly clock: VirtualClock;
  readonly ids: IdSource;
  readonly fraction: () => number;
  readonly customers: Map<string, records.CustomerRecord>;
  readonly products: Map<string, records.ProductRecord>;
  readonly prices: Map<string, records.PriceRecord>;
  readonly meters: Map<string, records.MeterRecord>;
  /** In the order received. */
  readonly meterEvents: records.MeterEventRecord[];
  /** Accepted, not yet validated: the asynchronous side's queue. */
  pendingMeterEvents: records.MeterEventRecord[];
  /** The last event under each identifier, for the 24 h in which it must not come again. */
  readonly meterEventsByIdentifier: Map<string, records.MeterEventRecord>;
  /** Counted events by `<meter>/<customer>`, in the order received. */
  readonly countedMeterEvents: Map<string, records.MeterEventRecord[]>;
  readonly subscriptions: Map<string, records.SubscriptionRecord>;
  readonly invoices: Map<string, records.InvoiceRecord>;
  readonly invoiceItems: Map<string, records.InvoiceItemRecord>;
  readonly creditNotes: Map<string, records.CreditNoteRecord>;
  readonly webhookEndpoints: Map<string, records.WebhookEndpointRecord>;
  readonly events: Map<string, records.EventRecord>;
  /** The same events in order, for delivery. */
  readonly eventLog: records.EventRecord[];
  readonly testClocks: Map<string, records.TestClockRecord>;
  /** The request being answered: events name it. */
  request: RequestIdentity;
}

export const noRequest: RequestIdentity = { id: null, idempotencyKey: null };

export function createAccount({ clock, seed = 'stripe-double', settings }: AccountOptions = {}): Account {
  return {
    settings: {
      defaultCurrency: 'usd',
      country: 'US',
      name: 'Stripe double',
      finalizationGraceSeconds: 3600,
      meterLagSeconds: 0,
      payments: 'succeed',
      tieredLines: 'per-tier',
      meterLatencyMs: 0,
      ...settings,
    },
    clock: new VirtualClock(clock),
    ids: new IdSource(seed),
    fraction: createFractions(seed),
    customers: new Map(),
    products: new Map(),
    prices: new Map(),
    meters: new Map(),
    meterEvents: [],
    pendingMeterEvents: [],
    meterEventsByIdentifier: new Map(),
    countedMeterEvents: new Map(),
    subscriptions: new Map(),
    invoices: new Map(),
    invoiceItems: new Map(),
    creditNotes: new Map(),
    webhookEndpoints: new Map(),
    events: new Map(),
    eventLog: [],
    testClocks: new Map(),
    request: noRequest,
  };
}

/** The time a customer lives in: that of its test clock, else the account's. */
export function timeOf(account: Account, customerId: string | undefined): number {
  const clockId = customerId === undefined ? null : (account.customers.get(customerId)?.testClock ?? null);
  const testClock = clockId === null ? undefined : account.testClocks.get(clockId);
  return testClock?.frozenTime ?? account.clock.now();
}
