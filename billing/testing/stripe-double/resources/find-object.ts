import type { Account } from '../state/account.ts';
import { toCustomer } from './customers.ts';
import { toInvoice } from './invoice-shape.ts';
import { toMeter } from './meters.ts';
import { toPrice } from './prices.ts';
import { toProduct } from './products.ts';
import { toSubscription } from './subscription-shape.ts';

/** The object that an expanded id stands for. */
export function findObject(account: Account, id: string): object | undefined {
  return (
    show(account.customers.get(id), toCustomer) ??
    show(account.products.get(id), toProduct) ??
    show(account.prices.get(id), toPrice) ??
    show(account.meters.get(id), toMeter) ??
    show(account.invoices.get(id), (invoice) => toInvoice(account, invoice)) ??
    show(account.subscriptions.get(id), (subscription) => toSubscription(account, subscription))
  );
}

function show<RecordType>(
  record: RecordType | undefined,
  toObject: (record: RecordType) => object,
): object | undefined {
  return record === undefined ? undefined : toObject(record);
}
