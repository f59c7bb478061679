import type { Knex } from 'knex';
import type { Database } from '../database/open-database.ts';
import { queryRows } from '../database/query-rows.ts';
import type { Issue } from '../domain/issue.ts';
import type { FreePool, PriceVersion } from '../domain/pricing/price-version.ts';
import { success, type Result } from '../domain/result.ts';
import { replaceAllocationRules } from './allocation-store.ts';
import { planImport, type ImportPlan, type PlannedTenant } from './plan-import.ts';
import { loadFacts } from './price-book-facts.ts';
import type { PriceDocument } from './price-document.ts';
import { toPriceRow } from './price-rows.ts';

/** Any number that nobody else uses: one import at a time, and none while a month is sealed. */
export const PRICE_BOOK_LOCK = 7_263_100;

/** Rows of one INSERT: 18 columns stay below the 65,535 parameters of a statement. */
const ROWS_PER_INSERT = 2_000;

export interface ImportReport {
  readonly isDryRun: boolean;
  /** Tenants made or changed. */
  readonly tenants: readonly string[];
  readonly pools: readonly FreePool[];
  readonly prices: readonly PriceVersion[];
  /** Tenants whose allocation rules were replaced. */
  readonly allocations: readonly string[];
  /** Prices and pools that were there already. */
  readonly unchanged: number;
}

/** Adds what a document says, whole or not at all. The same document twice adds nothing. */
export const importPrices = (
  database: Database,
  document: PriceDocument,
  { actor, isDryRun = false }: { readonly actor: string; readonly isDryRun?: boolean },
): Promise<Result<ImportReport, readonly Issue[]>> =>
  database.transaction(async (transaction) => {
    await transaction.raw('select pg_advisory_xact_lock(?)', [PRICE_BOOK_LOCK]);
    const plan = planImport(document, await loadFacts(transaction));
    if (!plan.ok) return plan;
    const report = isDryRun
      ? {
          tenants: plan.value.tenants.map(({ entry }) => entry.id),
          allocations: plan.value.allocations.map(({ tenant }) => tenant),
        }
      : await apply(transaction, plan.value, actor);
    const { pools, prices, unchanged } = plan.value;
    return success({ isDryRun, pools, prices: prices.map(({ version }) => version), unchanged, ...report });
  });

const apply = async (
  transaction: Knex.Transaction,
  plan: ImportPlan,
  actor: string,
): Promise<Pick<ImportReport, 'tenants' | 'allocations'>> => {
  const tenants: string[] = [];
  for (const tenant of plan.tenants) if (await putTenant(transaction, tenant)) tenants.push(tenant.entry.id);
  const pools = plan.pools.map(({ id, tenant, units, effectiveFrom }) => ({
    id,
    tenant: tenant ?? null,
    units: units.toString(),
    effective_from: effectiveFrom,
    created_by: actor,
  }));
  const prices = plan.prices.map(({ version, note }) => toPriceRow(version, { actor, note }));
  await transaction.batchInsert('billing.free_pool', pools, ROWS_PER_INSERT);
  await transaction.batchInsert('billing.price_version', prices, ROWS_PER_INSERT);
  const allocations: string[] = [];
  for (const allocation of plan.allocations)
    if (await replaceAllocationRules(transaction, { ...allocation, actor })) allocations.push(allocation.tenant);
  return { tenants, allocations };
};

/** What the entry leaves out stays as it is; the minimum is the exception, for it must be possible to drop it. */
const putTenant = async (transaction: Knex.Transaction, { entry, minimumMinor }: PlannedTenant): Promise<boolean> => {
  const changed = await queryRows(
    transaction,
    `with given (id, name, currency, minimum_minor, line_mode, status) as
       (values (?, ?, ?, ?::bigint, ?::text, ?::text))
     insert into billing.tenant as tenant (id, name, currency, minimum_minor, line_mode, status)
     select id, name, currency, minimum_minor, coalesce(line_mode, 'auto'), coalesce(status, 'active') from given
     on conflict (id) do update set name = excluded.name, currency = excluded.currency,
       minimum_minor = excluded.minimum_minor,
       line_mode = coalesce((select line_mode from given), tenant.line_mode),
       status = coalesce((select status from given), tenant.status)
     where (tenant.name, tenant.currency, tenant.minimum_minor, tenant.line_mode, tenant.status) is distinct from
       (excluded.name, excluded.currency, excluded.minimum_minor,
        coalesce((select line_mode from given), tenant.line_mode), coalesce((select status from given), tenant.status))
     returning tenant.id`,
    [
      entry.id,
      entry.name,
      entry.currency,
      minimumMinor?.toString() ?? null,
      entry.line_mode ?? null,
      entry.status ?? null,
    ],
  );
  return changed.length > 0;
};
