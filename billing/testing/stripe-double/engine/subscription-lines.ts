import type { Account } from '../state/account.ts';
import type {
  ChargeRecord,
  InvoiceLineRecord,
  InvoiceRecord,
  PriceRecord,
  SubscriptionItemRecord,
} from '../state/records.ts';
import { toScaled } from './decimal.ts';
import { usageOf } from './meter-usage.ts';
import { rate, type RatedPart } from './rate.ts';

/**
 * Rates the metered items of a subscription's draft again: usage for its period counts until it is finalised. Lines keep
 * their ids; other lines are left alone.
 */
export function refreshMeteredLines(account: Account, invoice: InvoiceRecord): void {
  if (invoice.status !== 'draft' || invoice.subscription === null) return;
  const subscription = account.subscriptions.get(invoice.subscription);
  if (!subscription) return;
  const metered = subscription.items.flatMap((item) => {
    const price = account.prices.get(item.price);
    if (item.removedAt !== null && item.removedAt <= invoice.periodStart) return [];
    // Added while the draft of the period before still waits: no part of that period.
    if (item.created >= invoice.periodEnd && invoice.periodEnd > invoice.periodStart) return [];
    return price?.recurring?.usageType === 'metered' ? [{ item, price }] : [];
  });
  const period = { start: invoice.periodStart, end: invoice.periodEnd };
  const lines = metered.flatMap(({ item, price }) => meteredLines(account, invoice, { item, price, period }));
  const meteredIds = new Set(metered.map(({ item }) => item.id));
  const others = invoice.lines.filter(
    (line) => line.subscriptionItem === null || !meteredIds.has(line.subscriptionItem),
  );
  // As Stripe orders them: items that waited for the invoice, the subscription's own, items added since.
  const pending = others.filter((line) => line.wasPending);
  const fees = others.filter((line) => line.subscriptionItem !== null);
  const added = others.filter((line) => line.subscriptionItem === null && !line.wasPending);
  invoice.lines = [...pending, ...lines, ...fees, ...added];
}

interface Metered {
  readonly item: SubscriptionItemRecord;
  readonly price: PriceRecord;
  readonly period: { readonly start: number; readonly end: number };
}

function meteredLines(account: Account, invoice: InvoiceRecord, { item, price, period }: Metered): InvoiceLineRecord[] {
  const parts = rate(
    price,
    meteredQuantity(account, invoice.customer, { item, price, period }),
    account.settings.tieredLines,
  );
  return parts.map((part) => ({
    // Derived, so that rating again gives the line the same id.
    id: `il_${invoice.id.slice(3, 15)}${item.id.slice(3, 13)}${part.key.replaceAll('-', '')}`,
    charge: toCharge(account, price, part, period),
    invoiceItem: null,
    subscriptionItem: item.id,
    subscription: invoice.subscription,
    wasPending: false,
  }));
}

/** What an item used in a period, never below zero: Stripe bills a negative total as 0. */
export function meteredQuantity(account: Account, customer: string, { item, price, period }: Metered): string {
  const meter = account.meters.get(price.recurring?.meter ?? '');
  if (!meter) return '0';
  const to = Math.min(period.end, item.removedAt ?? period.end);
  const used = usageOf(account, meter, { customer, from: Math.max(period.start, 0), to });
  return toScaled(used) < 0n ? '0' : used;
}

export function toCharge(
  account: Account,
  price: PriceRecord,
  part: RatedPart,
  period: { readonly start: number; readonly end: number },
): ChargeRecord {
  const name = account.products.get(price.product)?.name ?? price.product;
  const label = part.label === '' ? '' : ` (${part.label})`;
  return {
    amount: part.amount,
    currency: price.currency,
    description: `${part.quantity} × ${name}${label}`,
    discountable: true,
    metadata: {},
    period: { ...period },
    pricing: { price: price.id, product: price.product, unitAmountDecimal: part.unitAmount },
    quantity: part.quantity,
  };
}
