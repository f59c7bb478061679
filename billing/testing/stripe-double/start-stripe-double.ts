import { Faults } from './control/faults.ts';
import { createControl } from './control/control.ts';
import { createApi } from './http/api.ts';
import { listen } from './http/server.ts';
import { runDueWork } from './engine/due-work.ts';
import { createAccount, type Account, type AccountSettings } from './state/account.ts';
import type { ClockOptions } from './state/virtual-clock.ts';
import { addTarget, type WebhookTarget } from './webhooks/targets.ts';
import { WebhookDelivery, type DeliveryOptions } from './webhooks/delivery.ts';

export interface StripeDoubleOptions {
  /** Default 0: any free port. Always on 127.0.0.1. */
  readonly port?: number;
  readonly clock?: ClockOptions;
  /** Where events go besides the endpoints made through the API. */
  readonly webhookTargets?: readonly WebhookTarget[];
  readonly delivery?: DeliveryOptions;
  /** Ids, secrets and chances depend on it and on nothing else. */
  readonly seed?: string;
  readonly settings?: Partial<AccountSettings>;
  /** Told of bugs in the double; default: thrown away after a 500. */
  readonly onError?: (error: unknown) => void;
}

export interface StripeDouble {
  readonly port: number;
  readonly url: string;
  /** For `new Stripe(key, { ...double.clientOptions })`. */
  readonly clientOptions: StripeClientOptions;
  readonly account: Account;
  readonly faults: Faults;
  readonly webhooks: WebhookDelivery;
  /** Moves the virtual clock and carries out what became due, stepwise. */
  advance(seconds: number): void;
  close(): Promise<void>;
}

export interface StripeClientOptions {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly protocol: 'http';
  readonly telemetry: false;
}

/** Starts a stateful stand-in for Stripe's API on loopback. It holds one account, in memory. */
export async function startStripeDouble(options: StripeDoubleOptions = {}): Promise<StripeDouble> {
  const account = createAccount(options);
  const faults = new Faults(account.fraction);
  for (const target of options.webhookTargets ?? []) addTarget(account, target);
  const webhooks = new WebhookDelivery(account, options.delivery);
  const advance = (seconds: number): void => {
    // Work that is already due happened before the clock moved.
    runDueWork(account);
    account.clock.advance(seconds);
    runDueWork(account);
    webhooks.wake();
  };
  const answer = createApi({ account, faults });
  const { server, port } = await listen({
    port: options.port ?? 0,
    api: async (request) => {
      const answered = await answer(request);
      webhooks.wake();
      return answered;
    },
    side: createControl({ account, faults, webhooks, advance }),
    onError: options.onError ?? (() => undefined),
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    clientOptions: { host: '127.0.0.1', port, protocol: 'http', telemetry: false },
    account,
    faults,
    webhooks,
    advance,
    close: async () => {
      faults.clear();
      await webhooks.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
