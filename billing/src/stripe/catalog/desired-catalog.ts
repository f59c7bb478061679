import { chooseLineMode, type ModeChoice } from '../../domain/invoicing/line-mode.ts';
import { toMeteredAmount, type MeteredAmount } from '../../domain/invoicing/metered-price.ts';
import { meterEventName, MAX_DISPLAY_NAME_LENGTH } from '../../domain/metering/meter-names.ts';
import type { Period } from '../../domain/calendar/period.ts';
import type { PriceList } from '../../domain/pricing/price-list.ts';
import type { PriceVersion } from '../../domain/pricing/price-version.ts';
import { priceKey, toolKey } from '../provider-objects.ts';

export interface CatalogTenant {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly lineMode: 'auto' | 'meters' | 'lines';
  readonly minimumMinor?: bigint;
  /** A customer that the operator had before. */
  readonly customerId?: string;
}

export interface CatalogTool {
  readonly key: string;
  readonly server: string;
  readonly tool: string;
  readonly displayName: string;
  readonly eventName: string;
}

export interface CatalogPrice {
  readonly key: string;
  readonly versionId: string;
  readonly toolKey: string;
  readonly currency: string;
  readonly amount: MeteredAmount;
}

/** What the provider should have: everything follows from tenants, prices and the tools they are for. */
export interface DesiredCatalog {
  readonly customers: readonly CatalogTenant[];
  readonly tools: readonly CatalogTool[];
  readonly prices: readonly CatalogPrice[];
  /** Tenants that are invoiced by meters this month, with their prices. */
  readonly subscriptions: readonly { readonly tenant: string; readonly priceKeys: readonly string[] }[];
  readonly modes: readonly ({ readonly tenant: string } & ModeChoice)[];
}

export interface CatalogInput {
  readonly tenants: readonly CatalogTenant[];
  readonly versions: readonly PriceVersion[];
  readonly prices: PriceList;
  /** Those that were called: a price of `*` is a price of each. */
  readonly seenTools: readonly { readonly server: string; readonly tool: string }[];
  /** The month that is running. */
  readonly period: Period;
  /** Begins the names of new meters. */
  readonly meterPrefix?: string;
  /** By tool key: a meter keeps its name, whatever names begin with by now. */
  readonly meterNames: ReadonlyMap<string, string>;
}

export const desiredCatalog = (input: CatalogInput): DesiredCatalog => {
  const tools = pricedTools(input);
  const perTenant = input.tenants.map((tenant) => ({ tenant, ...tenantMode(tenant, tools, input) }));
  const metered = perTenant.filter(({ choice, versions }) => choice.mode === 'meters' && versions.length > 0);
  const prices = new Map<string, CatalogPrice>();
  for (const { versions } of metered)
    for (const { server, tool, version } of versions) {
      const amount = toMeteredAmount(version);
      const key = priceKey(version.id, server, tool);
      if (amount.ok)
        prices.set(key, {
          key,
          versionId: version.id,
          toolKey: toolKey(server, tool),
          currency: version.currency,
          amount: amount.value,
        });
    }
  return {
    customers: input.tenants,
    tools,
    prices: [...prices.values()],
    subscriptions: metered.map(({ tenant, versions }) => ({
      tenant: tenant.id,
      priceKeys: versions.map(({ server, tool, version }) => priceKey(version.id, server, tool)).sort(),
    })),
    modes: perTenant.map(({ tenant, choice }) => ({ tenant: tenant.id, ...choice })),
  };
};

/** How a tenant is invoiced for the period, by its prices alone. */
export const tenantMode = (
  tenant: CatalogTenant,
  tools: readonly Pick<CatalogTool, 'server' | 'tool'>[],
  { prices, period }: Pick<CatalogInput, 'prices' | 'period'>,
): {
  readonly choice: ModeChoice;
  readonly versions: readonly { readonly server: string; readonly tool: string; readonly version: PriceVersion }[];
} => {
  const priced = tools.flatMap(({ server, tool }) => {
    const runs = prices.runsOf({ tenant: tenant.id, currency: tenant.currency, server, tool }, period);
    const versions = runs.flatMap(({ version }) => (version === undefined ? [] : [version]));
    // A price that begins or ends within the month is a change too: days without one are not billed.
    return versions.length === 0 ? [] : [{ server, tool, versions, isWhole: runs.length === 1 }];
  });
  const choice = chooseLineMode({ requested: tenant.lineMode, tools: priced });
  const versions = priced.flatMap(({ server, tool, versions: [version] }) =>
    version === undefined ? [] : [{ server, tool, version }],
  );
  return { choice: withTenantRules(choice, tenant, priced), versions };
};

const withTenantRules = (
  choice: ModeChoice,
  { minimumMinor }: CatalogTenant,
  priced: readonly { readonly server: string; readonly tool: string; readonly isWhole: boolean }[],
): ModeChoice => {
  if (choice.mode === 'lines') return choice;
  const partly = priced.find(({ isWhole }) => !isWhole);
  if (partly !== undefined)
    return { mode: 'lines', because: [`${partly.server}/${partly.tool}: has a price on some days only`] };
  return minimumMinor === undefined ? choice : { mode: 'lines', because: ['the tenant has a minimum'] };
};

/** Every tool with a price of its own, and every tool called whose server has a price for any. */
const pricedTools = ({
  versions,
  seenTools,
  meterPrefix,
  meterNames,
  period,
}: CatalogInput): readonly CatalogTool[] => {
  const current = versions.filter(({ effectiveTo }) => effectiveTo === undefined || effectiveTo > period.start);
  const anyTool = new Set(current.filter(({ tool }) => tool === '*').map(({ server }) => server));
  const tools = new Map<string, CatalogTool>();
  const add = (server: string, tool: string, displayName = `${server}/${tool}`): void => {
    const key = toolKey(server, tool);
    const name = displayName.slice(0, MAX_DISPLAY_NAME_LENGTH);
    const eventName = meterNames.get(key) ?? meterEventName(server, tool, meterPrefix);
    tools.set(key, { key, server, tool, displayName: name, eventName });
  };
  for (const { server, tool } of seenTools) if (anyTool.has(server)) add(server, tool);
  for (const { server, tool, displayName } of current) if (tool !== '*') add(server, tool, displayName);
  return [...tools.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
};
