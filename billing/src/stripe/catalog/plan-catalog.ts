import { queryRows } from '../../database/query-rows.ts';
import { addDays } from '../../domain/calendar/day.ts';
import { monthOf, type Period } from '../../domain/calendar/period.ts';
import { createPriceList } from '../../domain/pricing/price-list.ts';
import { success, type Result } from '../../domain/result.ts';
import { loadPriceVersions } from '../../price-book/price-store.ts';
import { listTenants, type StoredTenant } from '../../price-book/tenant-store.ts';
import type { ProviderFailure } from '../billing-provider.ts';
import type { ProviderContext } from '../provider-context.ts';
import { listObjects, toolKey } from '../provider-objects.ts';
import { compareCatalog, type CatalogPlan, type KnownCatalog } from './compare-catalog.ts';
import { desiredCatalog, type CatalogInput, type CatalogTenant } from './desired-catalog.ts';
import { findCatalog } from './found-catalog.ts';

export interface CatalogOptions {
  readonly isReactivating?: boolean;
}

/** What would be made, changed and deactivated at the provider. Changes nothing. */
export const planCatalog = async (
  context: ProviderContext,
  { isReactivating = false }: CatalogOptions = {},
): Promise<Result<CatalogPlan, ProviderFailure>> => {
  const found = await findCatalog(context);
  if (!found.ok) return found;
  const input = await loadCatalogInput(context);
  const options = { isReactivating, monthStart: Date.parse(input.period.start) };
  return success(compareCatalog(desiredCatalog(input), found.value, await loadKnown(context), options));
};

/** Of the running month, unless another is given. */
export const loadCatalogInput = async (
  context: Pick<ProviderContext, 'database' | 'environment' | 'mode' | 'meterPrefix' | 'now'>,
  { period }: { readonly period?: Period } = {},
): Promise<CatalogInput> => {
  const { database, mode, meterPrefix, now } = context;
  const month = period ?? monthOf(new Date(now()).toISOString().slice(0, 10));
  const [tenants, versions, meters, seenTools] = await Promise.all([
    listTenants(database),
    loadPriceVersions(database),
    listMeters(context),
    queryRows<{ readonly server: string; readonly tool: string }>(
      database,
      // The month before counts too: it is invoiced now.
      `select distinct server, tool from usage_day
       where day >= ? and day < ? and kind in ('tool', 'operation') order by server, tool`,
      [monthOf(addDays(month.start, -1)).start, month.end],
    ),
  ]);
  const active = tenants.filter(({ status }) => status === 'active');
  return {
    ...{ versions, seenTools, period: month },
    ...(meterPrefix === undefined ? {} : { meterPrefix }),
    meterNames: new Map(meters.map(({ server, tool, event_name: name }) => [toolKey(server, tool), name])),
    tenants: active.map((tenant) => toCatalogTenant(tenant, mode)),
    prices: createPriceList(versions),
  };
};

/** A customer that the operator wrote down is one of the account in use, not of the test account that shadows it. */
const toCatalogTenant = (tenant: StoredTenant, mode: ProviderContext['mode']): CatalogTenant => ({
  id: tenant.id,
  name: tenant.name,
  currency: tenant.currency,
  lineMode: tenant.lineMode,
  ...(tenant.minimumMinor === undefined ? {} : { minimumMinor: tenant.minimumMinor }),
  ...(mode === 'shadow' || tenant.stripeCustomerId === undefined ? {} : { customerId: tenant.stripeCustomerId }),
});

interface StoredMeter {
  readonly server: string;
  readonly tool: string;
  readonly meter_id: string;
  readonly event_name: string;
}

const listMeters = ({
  database,
  environment,
}: Pick<ProviderContext, 'database' | 'environment'>): Promise<readonly StoredMeter[]> =>
  queryRows(
    database,
    'select server, tool, meter_id, event_name from billing.stripe_meter where environment = ? and is_active',
    [environment],
  );

const loadKnown = async (context: ProviderContext): Promise<KnownCatalog> => {
  const { database, environment } = context;
  const [customers, products, prices, meters, subscriptions] = await Promise.all([
    listObjects(context, 'customer'),
    listObjects(context, 'product'),
    listObjects(context, 'price'),
    listMeters(context),
    database('billing.stripe_subscription').where({ environment }).pluck<string[]>('subscription_id'),
  ]);
  return {
    customers,
    products,
    prices,
    meters: new Map(meters.map(({ server, tool, meter_id: id }) => [toolKey(server, tool), id])),
    subscriptionIds: new Set(subscriptions),
  };
};
