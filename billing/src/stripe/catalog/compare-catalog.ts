import type { ProviderMeter, ProviderSubscription } from '../billing-provider.ts';
import type { CatalogChange, CatalogProblem } from './catalog-change.ts';
import type { CatalogTool, DesiredCatalog } from './desired-catalog.ts';
import type { FoundCatalog } from './found-catalog.ts';

/** Our tables: local ids to the provider's. */
export interface KnownCatalog {
  readonly customers: ReadonlyMap<string, string>;
  readonly products: ReadonlyMap<string, string>;
  readonly prices: ReadonlyMap<string, string>;
  /** Tool key to meter id. */
  readonly meters: ReadonlyMap<string, string>;
  readonly subscriptionIds: ReadonlySet<string>;
}

export interface CatalogPlan {
  readonly changes: readonly CatalogChange[];
  readonly problems: readonly CatalogProblem[];
  /** How each tenant is invoiced this month, and why. */
  readonly modes: DesiredCatalog['modes'];
}

export interface CompareOptions {
  /** Milliseconds since 1970: the first of the running month. */
  readonly monthStart: number;
  /** Bring deactivated meters back; without it they are a problem, because somebody deactivated them. */
  readonly isReactivating: boolean;
}

/** The steps, in the order in which they can be taken. The same state gives none. */
export const compareCatalog = (
  desired: DesiredCatalog,
  found: FoundCatalog,
  known: KnownCatalog,
  options: CompareOptions,
): CatalogPlan => {
  const parts = [
    compareCustomers(desired, found, known),
    compareMeters(desired, found, known, options),
    compareProducts(desired, found, known),
    comparePrices(desired, found, known),
    compareSubscriptions(desired, found, known, options),
  ];
  return {
    changes: parts.flatMap(({ changes }) => changes),
    problems: parts.flatMap(({ problems }) => problems),
    modes: desired.modes,
  };
};

interface Part {
  readonly changes: readonly CatalogChange[];
  readonly problems: readonly CatalogProblem[];
}

const part = (...steps: readonly (CatalogChange | CatalogProblem)[]): Part => ({
  changes: steps.filter((step) => 'action' in step),
  problems: steps.filter((step) => 'problem' in step),
});

const compareCustomers = (desired: DesiredCatalog, found: FoundCatalog, known: KnownCatalog): Part =>
  part(
    ...desired.customers.flatMap((tenant): readonly (CatalogChange | CatalogProblem)[] => {
      const labelled = found.customers.filter(({ metadata }) => metadata['mcp_tenant'] === tenant.id);
      const [customer, second] = labelled;
      if (second !== undefined && !known.customers.has(tenant.id)) return [twice(`tenant ${tenant.id}`, labelled)];
      const id = tenant.customerId ?? known.customers.get(tenant.id) ?? customer?.id;
      if (id === undefined) return [{ action: 'create', kind: 'customer', tenant }];
      const adopted = known.customers.get(tenant.id) === id ? [] : [adopt('customer', tenant.id, id)];
      const named = labelled.find((each) => each.id === id);
      // A customer that the operator had before keeps the name it has.
      const isRenamed = named !== undefined && named.name !== tenant.name;
      return [...adopted, ...(isRenamed ? [rename('customer', id, named.name, tenant.name)] : [])];
    }),
  );

const compareMeters = (
  desired: DesiredCatalog,
  found: FoundCatalog,
  known: KnownCatalog,
  { isReactivating }: CompareOptions,
): Part =>
  part(
    ...desired.tools.flatMap((tool): readonly (CatalogChange | CatalogProblem)[] => {
      const meters = found.meters.filter(({ eventName }) => eventName === tool.eventName);
      const meter = meters.find(({ isActive }) => isActive) ?? meters[0];
      if (meter === undefined) return [{ action: 'create', kind: 'meter', tool }];
      if (!meter.isDailyTotal) return [unusableMeter(tool, meter)];
      if (!meter.isActive && !isReactivating) return [inactiveMeter(tool, meter)];
      return [
        ...(meter.isActive ? [] : [reactivate('meter', meter.id, tool.eventName)]),
        ...(known.meters.get(tool.key) === meter.id
          ? []
          : [{ action: 'adopt', kind: 'meter', tool, id: meter.id } as const]),
        ...(meter.displayName === tool.displayName
          ? []
          : [rename('meter', meter.id, meter.displayName, tool.displayName)]),
      ];
    }),
  );

const compareProducts = (desired: DesiredCatalog, found: FoundCatalog, known: KnownCatalog): Part => {
  const wanted = new Set(desired.tools.map(({ key }) => key));
  return part(
    ...desired.tools.flatMap((tool): readonly (CatalogChange | CatalogProblem)[] => {
      const labelled = found.products.filter(({ metadata }) => metadata['mcp_tool'] === tool.key);
      const product = labelled.find(({ id }) => id === known.products.get(tool.key)) ?? labelled[0];
      if (product === undefined) return [{ action: 'create', kind: 'product', tool }];
      return [
        ...(product.isActive ? [] : [reactivate('product', product.id, tool.key)]),
        ...(known.products.get(tool.key) === product.id ? [] : [adopt('product', tool.key, product.id)]),
        ...(product.name === tool.displayName ? [] : [rename('product', product.id, product.name, tool.displayName)]),
      ];
    }),
    ...found.products
      .filter(({ isActive, metadata }) => isActive && !wanted.has(metadata['mcp_tool'] ?? ''))
      .map(({ id, metadata }) => deactivate('product', id, metadata['mcp_tool'] ?? '')),
  );
};

const comparePrices = (desired: DesiredCatalog, found: FoundCatalog, known: KnownCatalog): Part => {
  const wanted = new Set(desired.prices.map(({ key }) => key));
  return part(
    ...desired.prices.flatMap((price): readonly CatalogChange[] => {
      const labelled = found.prices.find(({ metadata, isActive }) => isActive && metadata['mcp_price'] === price.key);
      if (labelled === undefined) return [{ action: 'create', kind: 'price', price }];
      return known.prices.get(price.key) === labelled.id ? [] : [adopt('price', price.key, labelled.id)];
    }),
    ...found.prices
      .filter(({ isActive, metadata }) => isActive && !wanted.has(metadata['mcp_price'] ?? ''))
      .map(({ id, metadata }) => deactivate('price', id, metadata['mcp_price'] ?? '')),
  );
};

/** A subscription that is not exactly right is ended, without an invoice for what it counted, and made anew. */
const compareSubscriptions = (
  desired: DesiredCatalog,
  found: FoundCatalog,
  known: KnownCatalog,
  { monthStart }: CompareOptions,
): Part => {
  const keyOfPrice = new Map(found.prices.map(({ id, metadata }) => [id, metadata['mcp_price'] ?? id]));
  const running = found.subscriptions.filter(({ isEnded }) => !isEnded);
  const isRight = (subscription: ProviderSubscription, priceKeys: readonly string[]): boolean =>
    isFirstOfMonth(subscription.anchor) &&
    subscription.startedAt <= monthStart &&
    subscription.priceIds
      .map((id) => keyOfPrice.get(id) ?? id)
      .sort()
      .join('\n') === priceKeys.join('\n');
  const kept = new Map<string, ProviderSubscription>();
  for (const { tenant, priceKeys } of desired.subscriptions) {
    const right = running.find(
      ({ metadata, ...rest }) => metadata['mcp_tenant'] === tenant && isRight({ metadata, ...rest }, priceKeys),
    );
    if (right !== undefined) kept.set(tenant, right);
  }
  return part(
    ...running
      .filter((subscription) => kept.get(subscription.metadata['mcp_tenant'] ?? '') !== subscription)
      .map(
        ({ id, metadata }) =>
          ({ action: 'end', kind: 'subscription', id, tenant: metadata['mcp_tenant'] ?? '' }) as const,
      ),
    ...desired.subscriptions.flatMap(({ tenant, priceKeys }): readonly CatalogChange[] => {
      const subscription = kept.get(tenant);
      if (subscription === undefined) return [{ action: 'create', kind: 'subscription', tenant, priceKeys }];
      const { id, startedAt } = subscription;
      return known.subscriptionIds.has(id) ? [] : [{ action: 'adopt', kind: 'subscription', tenant, id, startedAt }];
    }),
  );
};

/** At 00:00:00 UTC: else a UTC day would straddle two invoices. */
const isFirstOfMonth = (milliseconds: number): boolean =>
  /-01T00:00:00\.000Z$/.test(new Date(milliseconds).toISOString());

const adopt = (kind: 'customer' | 'product' | 'price', key: string, id: string): CatalogChange => ({
  ...{ action: 'adopt', kind, key, id },
});

const rename = (kind: 'customer' | 'product' | 'meter', id: string, from: string, to: string): CatalogChange => ({
  ...{ action: 'rename', kind, id, from, to },
});

const reactivate = (kind: 'product' | 'meter', id: string, name: string): CatalogChange => ({
  ...{ action: 'reactivate', kind, id, name },
});

const deactivate = (kind: 'product' | 'price', id: string, key: string): CatalogChange => ({
  ...{ action: 'deactivate', kind, id, key },
});

const twice = (subject: string, objects: readonly { readonly id: string }[]): CatalogProblem => ({
  subject,
  problem: `The provider has ${objects.length} of it: ${objects.map(({ id }) => id).join(', ')}.`,
  fix: 'Delete those without invoices at the provider.',
});

const unusableMeter = ({ eventName }: CatalogTool, { id, isActive }: ProviderMeter): CatalogProblem => ({
  subject: `meter ${eventName}`,
  problem: `The name is taken by ${isActive ? '' : 'the deactivated '}${id}, which does not take daily totals, and cannot be changed.`,
  fix: 'Set STRIPE_METER_PREFIX to another word than mcp: a name stays taken for ever, also when its meter is deactivated.',
});

const inactiveMeter = ({ eventName }: CatalogTool, { id }: ProviderMeter): CatalogProblem => ({
  subject: `meter ${eventName}`,
  problem: `${id} is deactivated and still holds the name, so that no other meter can have it.`,
  fix: 'Run stoa-billing catalog apply --reactivate, or activate it at the provider.',
});
