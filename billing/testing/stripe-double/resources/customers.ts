import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage, within } from '../http/list.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { Address, CustomerRecord } from '../state/records.ts';
import { noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { emit } from '../webhooks/emit.ts';
import { mergeMetadata } from './metadata.ts';

type Changes = Wire<Stripe.CustomerUpdateParams>;

export const customerEndpoints = [
  endpoint('POST /v1/customers', 'CustomerCreate', ({ account, params }) => {
    const testClock = params.test_clock ?? null;
    if (testClock !== null && !account.testClocks.has(testClock)) throw noSuch('test clock', testClock, 'test_clock');
    const id = account.ids.next('cus');
    const customer: CustomerRecord = {
      id,
      created: account.testClocks.get(testClock ?? '')?.frozenTime ?? account.clock.now(),
      testClock,
      invoicePrefix: params.invoice_prefix ?? createHash('sha256').update(id).digest('hex').slice(0, 8).toUpperCase(),
      nextInvoiceSequence: params.next_invoice_sequence ?? 1,
      name: null,
      email: null,
      phone: null,
      description: null,
      address: null,
      currency: null,
      balance: params.balance ?? 0,
      defaultPaymentMethod: null,
      metadata: mergeMetadata({}, params.metadata),
      deleted: false,
    };
    const { metadata: _metadata, ...changes } = params;
    change(customer, changes);
    account.customers.set(id, customer);
    emit(account, 'customer.created', toCustomer(customer));
    return toCustomer(customer);
  }),

  endpoint('GET /v1/customers', 'CustomerList', ({ account, params }) => {
    const customers = newestFirst(account.customers).filter(
      (customer) =>
        !customer.deleted &&
        (params.email === undefined || customer.email === params.email) &&
        (params.test_clock ?? null) === customer.testClock &&
        within(customer.created, params.created),
    );
    const url = '/v1/customers';
    return toPage(customers, params, { kind: 'customer', url, idOf: (customer) => customer.id, toItem: toCustomer });
  }),

  endpoint('GET /v1/customers/:id', 'Retrieve', ({ account, id }) => {
    const customer = account.customers.get(id);
    if (!customer) throw noSuch('customer', id);
    return customer.deleted ? toDeleted(id) : toCustomer(customer);
  }),

  endpoint('POST /v1/customers/:id', 'CustomerUpdate', ({ account, params, id }) => {
    const customer = requireCustomer(account, id, 'id');
    change(customer, params);
    emit(account, 'customer.updated', toCustomer(customer));
    return toCustomer(customer);
  }),

  endpoint('DELETE /v1/customers/:id', 'Retrieve', ({ account, id }) => {
    const customer = requireCustomer(account, id, 'id');
    customer.deleted = true;
    for (const subscription of account.subscriptions.values()) {
      if (subscription.customer !== id || subscription.status === 'canceled') continue;
      const now = timeOf(account, id);
      Object.assign(subscription, { status: 'canceled', canceledAt: now, endedAt: now });
    }
    emit(account, 'customer.deleted', toCustomer(customer));
    return toDeleted(id);
  }),
];

export function requireCustomer(account: Account, id: string, param = 'customer'): CustomerRecord {
  const customer = account.customers.get(id);
  if (!customer || customer.deleted) throw noSuch('customer', id, param);
  return customer;
}

function change(customer: CustomerRecord, changes: Changes): void {
  const text = (value: string | undefined, current: string | null): string | null =>
    value === undefined ? current : value === '' ? null : value;
  customer.name = text(changes.name, customer.name);
  customer.email = text(changes.email, customer.email);
  customer.phone = text(changes.phone, customer.phone);
  customer.description = text(changes.description, customer.description);
  customer.balance = changes.balance ?? customer.balance;
  if (changes.address !== undefined) customer.address = changes.address ? toAddress(changes.address) : null;
  const method = changes.invoice_settings?.default_payment_method;
  customer.defaultPaymentMethod = text(method, customer.defaultPaymentMethod);
  customer.metadata = mergeMetadata(customer.metadata, changes.metadata);
}

function toAddress(given: Partial<Record<keyof Address, string>>): Address {
  const { city, country, line1, line2, postal_code, state } = given;
  return {
    city: city ?? null,
    country: country ?? null,
    line1: line1 ?? null,
    line2: line2 ?? null,
    postal_code: postal_code ?? null,
    state: state ?? null,
  };
}

const toDeleted = (id: string) => ({ id, object: 'customer', deleted: true }) satisfies Wire<Stripe.DeletedCustomer>;

export function toCustomer(customer: CustomerRecord) {
  return {
    id: customer.id,
    object: 'customer',
    address: customer.address,
    balance: customer.balance,
    created: customer.created,
    currency: customer.currency,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: customer.description,
    discount: null,
    email: customer.email,
    invoice_prefix: customer.invoicePrefix,
    invoice_settings: {
      custom_fields: null,
      default_payment_method: customer.defaultPaymentMethod,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: { ...customer.metadata },
    name: customer.name,
    next_invoice_sequence: customer.nextInvoiceSequence,
    phone: customer.phone,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: customer.testClock,
  } satisfies Wire<Stripe.Customer>;
}
