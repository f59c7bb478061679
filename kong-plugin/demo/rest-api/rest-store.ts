export const currencies = ['EUR', 'USD', 'GBP'] as const;
export const paymentStates = ['succeeded', 'refunded'] as const;

export interface Payment {
  readonly id: string;
  /** Id of a user. */
  readonly customer: string;
  /** Whole cents. */
  readonly amount: number;
  readonly currency: (typeof currencies)[number];
  readonly description: string;
  readonly state: (typeof paymentStates)[number];
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly currency: (typeof currencies)[number];
}

/** The load test creates payments without end; the oldest leave first. */
const KEPT_PAYMENTS = 10_000;

const seedUsers: readonly User[] = [
  { id: 'cus-1', name: 'Ada Example', email: 'ada@example.com' },
  { id: 'cus-2', name: 'Bao Example', email: 'bao@example.com' },
  { id: 'cus-3', name: 'Chidi Example', email: 'chidi@example.com' },
];

const seedProducts: readonly Product[] = [
  { id: 'prd-1', name: 'Espresso machine', price: 64_900, currency: 'EUR' },
  { id: 'prd-2', name: 'Travel mug', price: 2_450, currency: 'GBP' },
  { id: 'prd-3', name: 'Standing desk', price: 48_000, currency: 'USD' },
];

const seedPayments: readonly Payment[] = [
  {
    id: 'pay-1',
    customer: 'cus-1',
    amount: 64_900,
    currency: 'EUR',
    description: 'Espresso machine',
    state: 'succeeded',
  },
  { id: 'pay-2', customer: 'cus-2', amount: 2_450, currency: 'GBP', description: 'Travel mug', state: 'succeeded' },
];

export class RestStore {
  readonly users = new Map(seedUsers.map((user) => [user.id, user]));
  readonly products: ReadonlyMap<string, Product> = new Map(seedProducts.map((product) => [product.id, product]));
  readonly #payments = new Map(seedPayments.map((payment) => [payment.id, payment]));
  #nextPayment = seedPayments.length + 1;

  get payments(): ReadonlyMap<string, Payment> {
    return this.#payments;
  }

  addPayment(draft: Omit<Payment, 'id' | 'state'>): Payment {
    const payment: Payment = { id: `pay-${this.#nextPayment}`, ...draft, state: 'succeeded' };
    this.#nextPayment += 1;
    this.#payments.set(payment.id, payment);
    const oldest = this.#payments.keys().next();
    if (this.#payments.size > KEPT_PAYMENTS && oldest.done !== true) this.#payments.delete(oldest.value);
    return payment;
  }

  markRefunded(payment: Payment): Payment {
    const refunded: Payment = { ...payment, state: 'refunded' };
    this.#payments.set(payment.id, refunded);
    return refunded;
  }
}
