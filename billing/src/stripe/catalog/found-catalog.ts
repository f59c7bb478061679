import { success, type Result } from '../../domain/result.ts';
import type {
  ProviderCustomer,
  ProviderFailure,
  ProviderMeter,
  ProviderPrice,
  ProviderProduct,
  ProviderSubscription,
} from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';

/** Our label on everything we make at the provider: which environment it belongs to. */
export const ENVIRONMENT_KEY = 'mcp_environment';

/** What the provider has of this environment, and all its meters, which carry no labels. */
export interface FoundCatalog {
  readonly customers: readonly ProviderCustomer[];
  readonly products: readonly ProviderProduct[];
  readonly meters: readonly ProviderMeter[];
  readonly prices: readonly ProviderPrice[];
  readonly subscriptions: readonly ProviderSubscription[];
}

export const findCatalog = async ({
  provider,
  environment,
}: ProviderContext): Promise<Result<FoundCatalog, ProviderFailure>> => {
  const [customers, products, meters, prices, subscriptions] = await Promise.all([
    provider.listCustomers(ENVIRONMENT_KEY),
    provider.listProducts(ENVIRONMENT_KEY),
    provider.listMeters(),
    provider.listPrices(ENVIRONMENT_KEY),
    provider.listSubscriptions(ENVIRONMENT_KEY),
  ]);
  for (const each of [customers, products, meters, prices, subscriptions]) if (!each.ok) return each;
  const isOurs = ({ metadata }: { readonly metadata: Readonly<Record<string, string>> }): boolean =>
    metadata[ENVIRONMENT_KEY] === environment;
  return success({
    customers: customers.ok ? customers.value.filter(isOurs) : [],
    products: products.ok ? products.value.filter(isOurs) : [],
    meters: meters.ok ? meters.value : [],
    prices: prices.ok ? prices.value.filter(isOurs) : [],
    subscriptions: subscriptions.ok ? subscriptions.value.filter(isOurs) : [],
  });
};
