export const currencies = ['EUR', 'USD', 'GBP'] as const;
export type Currency = (typeof currencies)[number];

/** Money is whole cents: all three demo currencies have two decimals. */
export interface Order {
  readonly id: string;
  readonly customer: string;
  readonly item: string;
  readonly amountCents: number;
  readonly currency: Currency;
  readonly state: 'paid' | 'shipped' | 'refunded';
}

export interface Invoice {
  readonly id: string;
  readonly customer: string;
  readonly amountCents: number;
  readonly currency: Currency;
}

export type RefundResult =
  | { readonly state: 'refunded'; readonly order: Order }
  | { readonly state: 'already_refunded' }
  | { readonly state: 'unknown_order' };

/** A demo that runs for weeks must not fill the memory; the oldest invoices leave first. */
const KEPT_INVOICES = 10_000;

const seedOrders: readonly Order[] = [
  {
    id: 'ord-1001',
    customer: 'Acme GmbH',
    item: 'Espresso machine',
    amountCents: 64_900,
    currency: 'EUR',
    state: 'paid',
  },
  {
    id: 'ord-1002',
    customer: 'Acme GmbH',
    item: 'Coffee beans 10 kg',
    amountCents: 18_500,
    currency: 'EUR',
    state: 'shipped',
  },
  {
    id: 'ord-1003',
    customer: 'Blue Bottle Ltd',
    item: 'Travel mug',
    amountCents: 2_450,
    currency: 'GBP',
    state: 'paid',
  },
  {
    id: 'ord-1004',
    customer: 'Contoso Inc',
    item: 'Standing desk',
    amountCents: 48_000,
    currency: 'USD',
    state: 'shipped',
  },
  { id: 'ord-1005', customer: 'Contoso Inc', item: 'Desk lamp', amountCents: 7_900, currency: 'USD', state: 'paid' },
  {
    id: 'ord-1006',
    customer: 'Dunder Papier SARL',
    item: 'Paper A4 500 sheets',
    amountCents: 899,
    currency: 'EUR',
    state: 'paid',
  },
];

/** The data behind the demo tools. Orders come with the demo; invoices are made by its users. */
export class CommerceStore {
  readonly #orders = new Map<string, Order>(seedOrders.map((order) => [order.id, order]));
  readonly #invoices = new Map<string, Invoice>();
  #nextInvoice = 1;

  orders(): readonly Order[] {
    return [...this.#orders.values()];
  }

  invoices(): readonly Invoice[] {
    return [...this.#invoices.values()];
  }

  order(id: string): Order | undefined {
    return this.#orders.get(id);
  }

  /** Orders whose id, customer or item contains the text, whatever its case; the newest first. */
  searchOrders({ text, limit }: { readonly text: string; readonly limit: number }): readonly Order[] {
    const needle = text.trim().toLowerCase();
    const matches = this.orders().filter((order) =>
      [order.id, order.customer, order.item].some((field) => field.toLowerCase().includes(needle)),
    );
    return matches.reverse().slice(0, limit);
  }

  createInvoice(draft: Omit<Invoice, 'id'>): Invoice {
    const invoice: Invoice = { id: `inv-${String(this.#nextInvoice).padStart(6, '0')}`, ...draft };
    this.#nextInvoice += 1;
    this.#invoices.set(invoice.id, invoice);
    if (this.#invoices.size > KEPT_INVOICES) this.#dropOldestInvoice();
    return invoice;
  }

  /** False when there was no such order. */
  deleteOrder(id: string): boolean {
    return this.#orders.delete(id);
  }

  refund(id: string): RefundResult {
    const order = this.#orders.get(id);
    if (order === undefined) return { state: 'unknown_order' };
    if (order.state === 'refunded') return { state: 'already_refunded' };
    const refunded: Order = { ...order, state: 'refunded' };
    this.#orders.set(id, refunded);
    return { state: 'refunded', order: refunded };
  }

  #dropOldestInvoice(): void {
    const oldest = this.#invoices.keys().next();
    if (oldest.done !== true) this.#invoices.delete(oldest.value);
  }
}
