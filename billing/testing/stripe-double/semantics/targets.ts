/**
 * What the semantics tests run against: always the double, and Stripe's real test mode when STRIPE_TEST_KEY=sk_test_… is
 * given. One suite for both is what keeps the double honest.
 */
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startStripeDouble, type StripeDouble, type StripeDoubleOptions } from '../start-stripe-double.ts';

/** Monday 2 November 2026, 12:00 UTC. */
export const start = Date.UTC(2026, 10, 2, 12) / 1000;
export const day = 86_400;
export const startOfDay = (at: number): number => at - (at % day);

export interface Target {
  readonly stripe: Stripe;
  /** Epoch seconds, as the target sees them. */
  readonly now: () => number;
  /** A name that no earlier run used. */
  readonly unique: (name: string) => string;
  /** Asks again until `check` is content: summaries and clocks are eventual. */
  readonly eventually: <T>(ask: () => Promise<T>, check: (answer: T) => boolean) => Promise<T>;
}

interface Suite {
  (target: () => Target): void;
}

const liveKey = process.env['STRIPE_TEST_KEY'];
const livePauseMs = 2000;
const liveAttempts = 60;

if (liveKey !== undefined && !liveKey.startsWith('sk_test_')) {
  throw new Error('STRIPE_TEST_KEY must be a test key (sk_test_…): these tests create customers, meters and invoices.');
}

/** Runs a suite against each target there is. */
export function semantics(title: string, suite: Suite): void {
  describe(`${title} (double)`, () => {
    let double: StripeDouble | undefined;
    let target: Target | undefined;
    beforeAll(async () => {
      double = await startStripeDouble({ clock: { startSeconds: start } });
      target = doubleTarget(double);
    });
    afterAll(() => double?.close());
    suite(() => given(target));
  });
  describe(`${title} (Stripe test mode)`, () => {
    if (liveKey === undefined) {
      it.skip('needs STRIPE_TEST_KEY=sk_test_…: without it only the double is tested', () => undefined);
      return;
    }
    const target = liveTarget(liveKey);
    suite(() => target);
  });
}

export interface OwnDouble {
  readonly double: StripeDouble;
  readonly stripe: Stripe;
}

/** A suite on a double of its own: for what only a virtual clock or a fault knob can show. */
export function onDouble(title: string, options: StripeDoubleOptions, suite: (own: () => OwnDouble) => void): void {
  describe(`${title} (double)`, () => {
    let own: OwnDouble | undefined;
    beforeAll(async () => {
      const double = await startStripeDouble({ clock: { startSeconds: start }, ...options });
      own = { double, stripe: clientOf(double) };
    });
    afterAll(() => own?.double.close());
    suite(() => given(own));
  });
}

export function clientOf(double: StripeDouble, options: Stripe.StripeConfig = {}): Stripe {
  return new Stripe('sk_test_double', { ...double.clientOptions, maxNetworkRetries: 0, ...options });
}

function doubleTarget(double: StripeDouble): Target {
  return {
    stripe: clientOf(double),
    now: () => double.account.clock.now(),
    unique: (name) => double.account.ids.next(name),
    eventually: async (ask, check) => {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const answer = await ask();
        if (check(answer)) return answer;
      }
      throw new Error('the double is never this late');
    },
  };
}

function liveTarget(key: string): Target {
  const run = Date.now().toString(36);
  let taken = 0;
  return {
    stripe: new Stripe(key, { telemetry: false }),
    now: () => Math.floor(Date.now() / 1000),
    unique: (name) => `${name}_${run}_${(taken += 1)}`,
    eventually: async (ask, check) => {
      for (let attempt = 0; attempt < liveAttempts; attempt += 1) {
        const answer = await ask();
        if (check(answer)) return answer;
        await new Promise((resolve) => setTimeout(resolve, livePauseMs));
      }
      throw new Error('Stripe did not get there in two minutes');
    },
  };
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the suite has not started');
  return value;
}

export const decimal = (text: string): Stripe.Decimal => Stripe.Decimal.from(text);

/** What a call was refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('the call was expected to be refused');
}

/** An id, which the types call optional although every stored invoice has one. */
export function idOf(object: { readonly id?: string }): string {
  if (object.id === undefined) throw new Error('no id');
  return object.id;
}
