import { createTestDatabase, type TestDatabase } from '../../database/testing/test-database.ts';
import { startStripeDouble, type StripeDouble } from '../../../testing/stripe-double/start-stripe-double.ts';
import type { AccountSettings } from '../../../testing/stripe-double/state/account.ts';
import { addTarget, type WebhookTarget } from '../../../testing/stripe-double/webhooks/targets.ts';
import type { BillingProvider } from '../billing-provider.ts';
import { createStripeProvider } from '../client/create-stripe-provider.ts';
import { parseStripeSettings, type StripeConnection } from '../client/stripe-settings.ts';
import type { ProviderContext } from '../provider-context.ts';

/** A database, a Stripe double and one clock for both. */
export interface ProviderWorld {
  readonly test: TestDatabase;
  readonly double: StripeDouble;
  readonly connection: StripeConnection;
  readonly context: ProviderContext;
  /** Milliseconds since 1970. */
  now(): number;
  /** Moves the clock; a wait of the code under test does the same. */
  advance(milliseconds: number): void;
  /** The same database and clock with another provider or mode, as a new process would have them. */
  contextWith(change: Partial<Pick<ProviderContext, 'provider' | 'mode' | 'environment' | 'random'>>): ProviderContext;
  addWebhookTarget(target: WebhookTarget): void;
  close(): Promise<void>;
}

export const WORLD_START = Date.UTC(2026, 10, 10, 12);

export const createProviderWorld = async (
  options: {
    readonly start?: number;
    readonly seed?: string;
    readonly settings?: Partial<AccountSettings>;
    readonly random?: () => number;
    /** False: webhooks wait for `double.webhooks.flush()`. */
    readonly automaticWebhooks?: boolean;
    /** One that is shared by several worlds, and that they do not close. */
    readonly test?: TestDatabase;
  } = {},
): Promise<ProviderWorld> => {
  const start = options.start ?? WORLD_START;
  const [test, double] = await Promise.all([
    options.test ?? createTestDatabase(),
    startStripeDouble({
      clock: { startSeconds: Math.floor(start / 1000) },
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      delivery: { automatic: options.automaticWebhooks ?? true },
    }),
  ]);
  let now = start;
  const advance = (milliseconds: number): void => {
    now += milliseconds;
    double.advance(Math.max(0, Math.floor(now / 1000) - double.account.clock.now()));
  };
  const random = options.random ?? (() => 0.5);
  const wait = (milliseconds: number): Promise<void> => {
    advance(milliseconds);
    return Promise.resolve();
  };
  const connection = connectionTo(double);
  const context: ProviderContext = {
    database: test.database,
    provider: createStripeProvider(connection, { random, wait }),
    environment: connection.environment,
    mode: 'live',
    callsPerSecond: 50,
    now: () => now,
    wait,
    random,
  };
  return {
    test,
    double,
    connection,
    context,
    now: () => now,
    advance,
    contextWith: (change) => ({ ...context, ...change }),
    addWebhookTarget: (target) => {
      addTarget(double.account, target);
    },
    close: async () => {
      await double.close();
      if (options.test === undefined) await test.close();
    },
  };
};

const connectionTo = (double: StripeDouble): StripeConnection => {
  const settings = parseStripeSettings({ mode: 'live', secretKey: 'sk_test_double', apiBase: double.url });
  if (!settings.ok || settings.value.mode === 'off') throw new Error('The double has an address.');
  return settings.value;
};

/** What a process that dies leaves behind: nothing runs after it. */
export class Crash extends Error {}

/** A provider whose process dies before or after a call, as `when` says: the answer is lost either way. */
export const crashing = (
  provider: BillingProvider,
  when: (call: string) => 'before' | 'after' | undefined,
): BillingProvider =>
  new Proxy(provider, {
    get: (target, name: keyof BillingProvider) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...input: readonly unknown[]): Promise<unknown> => {
        const moment = when(name);
        if (moment === 'before') throw new Crash(name);
        const answer = await (member as (...input: readonly unknown[]) => Promise<unknown>)(...input);
        if (moment === 'after') throw new Crash(name);
        return answer;
      };
    },
  });
