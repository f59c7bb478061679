import type { Knex } from 'knex';
import type { AllocationRule } from '../domain/allocation/allocation-rule.ts';
import type { Period } from '../domain/calendar/period.ts';
import type { Issue } from '../domain/issue.ts';
import { createPriceList, cutsOf } from '../domain/pricing/price-list.ts';
import type { FreePool, PriceVersion } from '../domain/pricing/price-version.ts';
import type { Result } from '../domain/result.ts';
import type { Adjustment } from '../domain/statements/adjustment.ts';
import { buildStatement } from '../domain/statements/build-statement.ts';
import type { StatementTenant } from '../domain/statements/statement-input.ts';
import type { Statement } from '../domain/statements/statement.ts';
import type { UsageRow } from '../domain/usage/usage-row.ts';
import { loadAllocationRules } from '../price-book/allocation-store.ts';
import { loadPools, loadPriceVersions } from '../price-book/price-store.ts';
import { loadUsage } from './load-usage.ts';

/** What statements of any period are rated with. */
export interface Rates {
  readonly versions: readonly PriceVersion[];
  readonly pools: readonly FreePool[];
  readonly rules: readonly AllocationRule[];
}

export const loadRates = async (database: Knex): Promise<Rates> => ({
  versions: await loadPriceVersions(database),
  pools: await loadPools(database),
  rules: await loadAllocationRules(database),
});

export interface RatedTenant {
  readonly tenant: StatementTenant;
  readonly revision: number;
  readonly adjustments: readonly Adjustment[];
}

export type Rated = Result<Statement, readonly Issue[]>;

/** Statements of many tenants from the daily usage, in the order given. One query, whatever their number. */
export const rateStatements = async (
  database: Knex,
  {
    period,
    tenants,
    rates,
  }: { readonly period: Period; readonly tenants: readonly RatedTenant[]; readonly rates: Rates },
): Promise<readonly Rated[]> => {
  const { versions, pools, rules } = rates;
  const usage = await loadUsage(database, {
    period,
    tenants: tenants.map(({ tenant }) => tenant.id),
    cuts: cutsOf([...versions, ...rules], period),
    daily: versions.filter(({ pool }) => pool !== undefined).map(({ server, tool }) => ({ server, tool })),
  });
  const prices = createPriceList(versions);
  const usageOf = groupBy(usage, ({ tenant }) => tenant);
  const rulesOf = groupBy(rules, ({ tenant }) => tenant);
  return tenants.map(({ tenant, revision, adjustments }) =>
    buildStatement({
      tenant,
      period,
      revision,
      usage: usageOf.get(tenant.id) ?? [],
      prices,
      pools,
      allocationRules: rulesOf.get(tenant.id) ?? [],
      adjustments,
    }),
  );
};

const groupBy = <Item extends UsageRow | AllocationRule>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> => {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
};
