import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database/open-database.ts';
import { createStripeProvider } from '../stripe/client/create-stripe-provider.ts';
import type { StripeSettings } from '../stripe/client/stripe-settings.ts';
import type { ProviderContext } from '../stripe/provider-context.ts';

/** What works with Stripe, or nothing in mode off. */
export const createProviderContext = (
  settings: StripeSettings,
  { database, now }: { readonly database: Database; readonly now: () => number },
): ProviderContext | undefined => {
  if (settings.mode === 'off') return undefined;
  const wait = (milliseconds: number): Promise<void> => sleep(milliseconds);
  const { environment, mode, callsPerSecond, meterPrefix } = settings;
  return {
    ...{ database, environment, mode, callsPerSecond, meterPrefix, now, wait, random: Math.random },
    provider: createStripeProvider(settings, { random: Math.random, wait }),
  };
};
