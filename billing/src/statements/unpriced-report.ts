import type { Knex } from 'knex';
import type { Day } from '../domain/calendar/day.ts';
import type { Period } from '../domain/calendar/period.ts';
import { createPriceList, cutsOf } from '../domain/pricing/price-list.ts';
import { byOutcome, groupUsage, sumOf } from '../domain/statements/group-usage.ts';
import type { OutcomeQuantity } from '../domain/statements/statement.ts';
import { loadPriceVersions } from '../price-book/price-store.ts';
import { findTenant, listTenants } from '../price-book/tenant-store.ts';
import { loadUsage } from './load-usage.ts';

/** A tool that a tenant called on days on which nothing prices it. */
export interface UnpricedUsage {
  readonly tenant: string;
  readonly server: string;
  readonly tool: string;
  /** First and last day without a price, not of use. */
  readonly days: readonly [first: Day, last: Day];
  /** Successful calls. */
  readonly quantity: bigint;
  readonly outcomes: readonly OutcomeQuantity[];
  /** Currencies in which the tool has a price; the tenant pays in another. */
  readonly pricedIn: readonly string[];
}

/** What was used in the period and has no price, by tenant, server and tool. Never silently free: this is where it shows. */
export const reportUnpriced = async (
  database: Knex,
  { period, tenant }: { readonly period: Period; readonly tenant?: string },
): Promise<readonly UnpricedUsage[]> => {
  const one = tenant === undefined ? undefined : await findTenant(database, tenant);
  const tenants = tenant === undefined ? await listTenants(database) : one === undefined ? [] : [one];
  const versions = await loadPriceVersions(database);
  const prices = createPriceList(versions);
  const usage = await loadUsage(database, {
    period,
    tenants: tenants.map(({ id }) => id),
    cuts: cutsOf(versions, period),
    daily: [],
  });
  return tenants.flatMap((subject) => {
    const own = usage.filter((row) => row.tenant === subject.id);
    const input = {
      tenant: subject,
      period,
      revision: 1,
      usage: own,
      prices,
      pools: [],
      allocationRules: [],
      adjustments: [],
    };
    return groupUsage(input).flatMap(({ server, tool, runs }): readonly UnpricedUsage[] => {
      const without = runs.filter(({ version, unbilled }) => version === undefined && unbilled.length > 0);
      const [first] = without;
      const last = without.at(-1);
      if (first === undefined || last === undefined) return [];
      const outcomes = byOutcome(without.flatMap(({ unbilled }) => unbilled));
      const elsewhere = versions.filter((one) => one.server === server && (one.tool === tool || one.tool === '*'));
      const pricedIn = [...new Set(elsewhere.map(({ currency }) => currency))]
        .filter((code) => code !== subject.currency)
        .sort();
      const quantity = sumOf(outcomes.filter(({ outcome }) => outcome === 'ok'));
      return [{ tenant: subject.id, server, tool, days: [first.first, last.last], quantity, outcomes, pricedIn }];
    });
  });
};
