import type { Knex } from 'knex';
import type { Day } from '../domain/calendar/day.ts';
import { queryRows } from '../database/query-rows.ts';
import { loadAllocationRules } from './allocation-store.ts';
import { loadPools, loadPriceVersions } from './price-store.ts';
import { listTenants } from './tenant-store.ts';
import type { AllocationRule } from '../domain/allocation/allocation-rule.ts';
import type { FreePool, PriceVersion } from '../domain/pricing/price-version.ts';
import type { StoredTenant } from './tenant-store.ts';

/** What a new document is checked against. */
export interface PriceBookFacts {
  readonly tenants: ReadonlyMap<string, StoredTenant>;
  readonly versions: readonly PriceVersion[];
  readonly pools: readonly FreePool[];
  readonly allocationRules: readonly AllocationRule[];
  /** By tenant: the first day that no sealed statement of it covers. */
  readonly sealedUntil: ReadonlyMap<string, Day>;
}

export const loadFacts = async (database: Knex): Promise<PriceBookFacts> => {
  const sealed = await queryRows<{ readonly tenant: string; readonly until: Day }>(
    database,
    `select tenant, max(period_end) as until from billing.statement where state not in ('draft', 'void') group by tenant`,
  );
  return {
    tenants: new Map((await listTenants(database)).map((tenant) => [tenant.id, tenant])),
    versions: await loadPriceVersions(database),
    pools: await loadPools(database),
    allocationRules: await loadAllocationRules(database),
    sealedUntil: new Map(sealed.map(({ tenant, until }) => [tenant, until])),
  };
};

/** The first day that is open for whom it concerns: one tenant, or everybody. */
export const firstOpenDay = ({ sealedUntil }: PriceBookFacts, tenant?: string): Day => {
  const days = tenant === undefined ? [...sealedUntil.values()] : [sealedUntil.get(tenant) ?? ''];
  return days.reduce((latest, day) => (day > latest ? day : latest), '');
};
