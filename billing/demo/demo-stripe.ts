import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../src/database/open-database.ts';
import { applyCatalog } from '../src/stripe/catalog/apply-catalog.ts';
import { planCatalog } from '../src/stripe/catalog/plan-catalog.ts';
import { createStripeProvider } from '../src/stripe/client/create-stripe-provider.ts';
import { parseStripeSettings } from '../src/stripe/client/stripe-settings.ts';
import type { ProviderContext } from '../src/stripe/provider-context.ts';

/**
 * The provider's side of the demo: everything goes to the double at the address, and nothing becomes final. The double forgets
 * when it ends, so each start is a world of its own.
 */
export const openDemoStripe = (database: Database, url: string): ProviderContext => {
  const settings = parseStripeSettings({
    mode: 'shadow',
    secretKey: 'sk_test_double',
    apiBase: url,
    environment: `demo-${randomBytes(4).toString('hex')}`,
  });
  if (!settings.ok || settings.value.mode === 'off')
    throw new Error(
      settings.ok ? 'unreachable: the demo is not off' : `${settings.error.path}: ${settings.error.problem}`,
    );
  const { environment, mode, callsPerSecond } = settings.value;
  const chance = { random: Math.random, wait: (milliseconds: number) => wait(milliseconds) };
  return {
    ...{ database, environment, mode, callsPerSecond, ...chance },
    provider: createStripeProvider(settings.value, chance),
    now: Date.now,
  };
};

/** Customers, products and prices at the provider, as the price book has them. */
export const prepareDemoCatalog = async (context: ProviderContext): Promise<void> => {
  const plan = await planCatalog(context);
  if (!plan.ok) throw new Error(`The catalog could not be planned: ${plan.error.message}`);
  const applied = await applyCatalog(context, plan.value);
  if (!applied.ok) throw new Error(`The catalog failed at ${applied.error.failedAt}: ${applied.error.failure.message}`);
};
