import { takePendingItems } from '../resources/invoice-lines.ts';
import { newInvoice, setAutoAdvance } from '../resources/invoices.ts';
import { toSubscription } from '../resources/subscription-shape.ts';
import { timeOf, type Account } from '../state/account.ts';
import type { InvoiceRecord, PriceRecord, SubscriptionItemRecord, SubscriptionRecord } from '../state/records.ts';
import { emit } from '../webhooks/emit.ts';
import { emitInvoice, finalizeInvoice } from './invoice-lifecycle.ts';
import { addIntervals, nextAnchor } from './periods.ts';
import { rate } from './rate.ts';
import { refreshMeteredLines, toCharge } from './subscription-lines.ts';

/** Ends a period: a draft with the usage of the period that ended and the fees of the one that starts. */
export function cycleSubscription(account: Account, subscription: SubscriptionRecord): void {
  const ended = { start: subscription.periodStart, end: subscription.periodEnd };
  const ends = subscription.cancelAtPeriodEnd;
  const invoice = billPeriod(account, subscription, ended, 'subscription_cycle');
  if (ends) {
    endSubscription(account, subscription, ended.end);
  } else {
    subscription.cycle += 1;
    subscription.periodStart = ended.end;
    subscription.periodEnd = nextPeriodEnd(account, subscription);
    addLicensedLines(account, invoice, subscription);
    subscription.items = subscription.items.filter((item) => item.removedAt === null || item.removedAt > ended.start);
    emit(account, 'customer.subscription.updated', toSubscription(account, subscription));
  }
  emitInvoice(account, invoice, 'invoice.created');
}

function nextPeriodEnd(account: Account, subscription: SubscriptionRecord): number {
  const interval = intervalOf(account, subscription);
  const monthly = interval.interval === 'month' && interval.intervalCount === 1;
  // Named by day: the 31st is the 28th in February and the 31st again in March.
  if (subscription.anchorConfig && monthly) return nextAnchor(subscription.periodStart, subscription.anchorConfig);
  return addIntervals(subscription.anchor, interval, subscription.cycle);
}

/** A draft for usage in `period`, which takes in more until it is finalised. */
export function billPeriod(
  account: Account,
  subscription: SubscriptionRecord,
  period: { start: number; end: number },
  billingReason: InvoiceRecord['billingReason'],
): InvoiceRecord {
  const invoice = newInvoice(account, {
    customer: subscription.customer,
    currency: subscription.currency,
    billingReason,
    subscription: subscription.id,
    periodStart: period.start,
    periodEnd: period.end,
    collectionMethod: subscription.collectionMethod,
    daysUntilDue: subscription.daysUntilDue,
  });
  account.invoices.set(invoice.id, invoice);
  setAutoAdvance(account, invoice, true);
  takePendingItems(account, invoice);
  refreshMeteredLines(account, invoice);
  subscription.latestInvoice = invoice.id;
  return invoice;
}

/** The first invoice of a subscription: its fees in advance, finalised at once; none when everything is metered. */
export function startSubscription(account: Account, subscription: SubscriptionRecord): void {
  const licensed = licensedItems(account, subscription);
  if (licensed.length === 0) return;
  const now = timeOf(account, subscription.customer);
  const invoice = billPeriod(account, subscription, { start: now, end: now }, 'subscription_create');
  addLicensedLines(account, invoice, subscription);
  emitInvoice(account, invoice, 'invoice.created');
  finalizeInvoice(account, invoice);
}

/** Ends it at `at`; usage after that is billed to nobody. */
export function endSubscription(account: Account, subscription: SubscriptionRecord, at: number): void {
  subscription.status = 'canceled';
  subscription.canceledAt ??= at;
  subscription.endedAt = at;
  emit(account, 'customer.subscription.deleted', toSubscription(account, subscription));
}

function licensedItems(
  account: Account,
  subscription: SubscriptionRecord,
): { item: SubscriptionItemRecord; price: PriceRecord }[] {
  return subscription.items.flatMap((item) => {
    const price = account.prices.get(item.price);
    return price?.recurring?.usageType === 'licensed' && item.removedAt === null ? [{ item, price }] : [];
  });
}

function addLicensedLines(account: Account, invoice: InvoiceRecord, subscription: SubscriptionRecord): void {
  const period = { start: subscription.periodStart, end: subscription.periodEnd };
  for (const { item, price } of licensedItems(account, subscription)) {
    for (const part of rate(price, String(item.quantity ?? 1), account.settings.tieredLines)) {
      invoice.lines.push({
        id: account.ids.next('il'),
        charge: toCharge(account, price, part, period),
        invoiceItem: null,
        subscriptionItem: item.id,
        subscription: subscription.id,
        wasPending: false,
      });
    }
  }
}

/** The interval that all items share: Stripe wants one per subscription unless it is flexible; the double always. */
export function intervalOf(
  account: Account,
  subscription: Pick<SubscriptionRecord, 'items'>,
): { interval: 'day' | 'month' | 'week' | 'year'; intervalCount: number } {
  const [item] = subscription.items;
  const recurring = item && account.prices.get(item.price)?.recurring;
  return recurring ?? { interval: 'month', intervalCount: 1 };
}
