import { checkAllocationRules } from '../domain/allocation/check-allocation-rules.ts';
import type { AllocationRule } from '../domain/allocation/allocation-rule.ts';
import type { Day } from '../domain/calendar/day.ts';
import type { Issue } from '../domain/issue.ts';
import { parseCurrency } from '../domain/money/currency.ts';
import type { FreePool, PriceVersion } from '../domain/pricing/price-version.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { closest } from '../domain/text/closest.ts';
import { isHolding, toAllocationRules } from './allocation-store.ts';
import { firstOpenDay, type PriceBookFacts } from './price-book-facts.ts';
import type { PriceDocument, TenantEntry } from './price-document.ts';
import { checkDay, parseMinor, toPriceVersion } from './to-price-version.ts';

export interface PlannedTenant {
  readonly entry: TenantEntry;
  readonly minimumMinor: bigint | undefined;
}

/** What an import will do. */
export interface ImportPlan {
  readonly tenants: readonly PlannedTenant[];
  readonly pools: readonly FreePool[];
  readonly prices: readonly { readonly version: PriceVersion; readonly note?: string | undefined }[];
  /** Prices and pools that are there already, word for word. */
  readonly unchanged: number;
  readonly allocations: readonly {
    readonly tenant: string;
    readonly effectiveFrom: Day;
    readonly rules: readonly AllocationRule[];
  }[];
}

/** Every issue is told, each where it stands; a document is taken whole or not at all. */
export const planImport = (document: PriceDocument, facts: PriceBookFacts): Result<ImportPlan, readonly Issue[]> => {
  const issues: Issue[] = [];
  const tenants = planTenants(document, { facts, issues });
  const known = new Set([...facts.tenants.keys(), ...tenants.map(({ entry }) => entry.id)]);
  const checks = { facts, issues, known };
  const pools = planPools(document, checks);
  const prices = planPrices(document, { ...checks, pools: [...facts.pools, ...pools.added] });
  const allocations = planAllocations(document, checks);
  if (issues.length > 0) return failure(issues);
  return success({
    tenants,
    pools: pools.added,
    prices: prices.added,
    unchanged: pools.unchanged + prices.unchanged,
    allocations,
  });
};

interface Checks {
  readonly facts: PriceBookFacts;
  readonly issues: Issue[];
  readonly known: ReadonlySet<string>;
}

interface Planned<Added> {
  readonly added: readonly Added[];
  readonly unchanged: number;
}

const planTenants = (
  { tenants = [] }: PriceDocument,
  { facts, issues }: Omit<Checks, 'known'>,
): readonly PlannedTenant[] =>
  tenants.map((entry, index) => {
    const path = `tenants[${index}]`;
    const currency = parseCurrency(entry.currency, `${path}.currency`);
    if (!currency.ok) issues.push(currency.error);
    if (tenants.findIndex(({ id }) => id === entry.id) < index)
      issues.push({ path: `${path}.id`, problem: `${entry.id} is there twice.` });
    const stored = facts.tenants.get(entry.id);
    if (stored !== undefined && stored.currency !== entry.currency && facts.sealedUntil.has(entry.id))
      issues.push({
        path: `${path}.currency`,
        problem: `${entry.id} has statements in ${stored.currency}; its currency stays.`,
        suggestion: 'Make another tenant for another currency.',
      });
    const minimum =
      entry.minimum === undefined || !currency.ok
        ? undefined
        : parseMinor(entry.minimum, currency.value, `${path}.minimum`);
    if (minimum !== undefined && !minimum.ok) issues.push(minimum.error);
    return { entry, minimumMinor: minimum?.ok === true ? minimum.value : undefined };
  });

const checkTenant = (tenant: string | undefined, path: string, { known, issues }: Checks): void => {
  if (tenant === undefined || known.has(tenant)) return;
  const meant = closest(tenant, [...known]);
  issues.push({
    path,
    problem: `There is no tenant ${tenant}.`,
    suggestion: meant === undefined ? 'Add it under tenants.' : `Did you mean ${meant}?`,
  });
};

/** A sealed month was rated with the prices of its time; a price that reached back into it would rate late calls otherwise. */
const checkOpen = (
  { day, tenant, path }: { readonly day: Day; readonly tenant?: string | undefined; readonly path: string },
  { facts, issues }: Checks,
): void => {
  const open = firstOpenDay(facts, tenant);
  if (day < open)
    issues.push({
      path,
      problem: `${day} is in a month that is sealed${tenant === undefined ? ' for some tenant' : ` for ${tenant}`}.`,
      suggestion: `Write ${open} or later, and correct what was billed by an adjustment.`,
    });
};

const planPools = ({ pools = [] }: PriceDocument, checks: Checks): Planned<FreePool> => {
  const stored = new Map(checks.facts.pools.map((pool) => [poolKey(pool), pool]));
  const added = new Map<string, FreePool>();
  let unchanged = 0;
  pools.forEach((entry, index) => {
    const path = `pools[${index}]`;
    const pool: FreePool = {
      id: entry.id,
      ...(entry.tenant === undefined ? {} : { tenant: entry.tenant }),
      units: BigInt(entry.units),
      effectiveFrom: entry.effective_from,
    };
    const before = stored.get(poolKey(pool)) ?? added.get(poolKey(pool));
    checks.issues.push(...checkDay(pool.effectiveFrom, `${path}.effective_from`));
    checkTenant(pool.tenant, `${path}.tenant`, checks);
    if (before === undefined) {
      checkOpen({ day: pool.effectiveFrom, tenant: pool.tenant, path: `${path}.effective_from` }, checks);
      added.set(poolKey(pool), pool);
    } else if (before.units === pool.units) unchanged += 1;
    else
      checks.issues.push({
        path: `${path}.units`,
        problem: `Pool ${pool.id} has ${before.units} units from ${pool.effectiveFrom} already, and pools are never changed.`,
        suggestion: 'Give a later effective_from.',
      });
  });
  return { added: [...added.values()], unchanged };
};

const poolKey = ({ id, tenant = '', effectiveFrom }: FreePool): string => [id, tenant, effectiveFrom].join('\n');

const planPrices = (
  { prices = [] }: PriceDocument,
  { pools, ...checks }: Checks & { readonly pools: readonly FreePool[] },
): Planned<ImportPlan['prices'][number]> => {
  const taken = new Map(checks.facts.versions.map((version) => [scopeOf(version), version]));
  const added: ImportPlan['prices'][number][] = [];
  let unchanged = 0;
  prices.forEach((entry, index) => {
    const path = `prices[${index}]`;
    checkTenant(entry.tenant, `${path}.tenant`, checks);
    checkPool(entry.pool, { path, pools, issues: checks.issues });
    const version = toPriceVersion(entry, path);
    if (!version.ok) {
      checks.issues.push(...version.error);
      return;
    }
    const before = taken.get(scopeOf(version.value));
    if (before?.id === version.value.id) unchanged += 1;
    else if (before !== undefined) checks.issues.push(conflictWith(before, path));
    else {
      checkOpen({ day: entry.effective_from, tenant: entry.tenant, path: `${path}.effective_from` }, checks);
      taken.set(scopeOf(version.value), version.value);
      added.push({ version: version.value, note: entry.note });
    }
  });
  return { added, unchanged };
};

const checkPool = (
  pool: string | undefined,
  { path, pools, issues }: { readonly path: string; readonly pools: readonly FreePool[]; readonly issues: Issue[] },
): void => {
  if (pool === undefined || pools.some(({ id }) => id === pool)) return;
  const meant = closest(pool, [...new Set(pools.map(({ id }) => id))]);
  issues.push({
    path: `${path}.pool`,
    problem: `There is no pool ${pool}.`,
    suggestion: meant === undefined ? 'Add it under pools.' : `Did you mean ${meant}?`,
  });
};

const scopeOf = ({ tenant = '', server, tool, currency, effectiveFrom }: PriceVersion): string =>
  [tenant, server, tool, currency, effectiveFrom].join('\n');

const conflictWith = ({ id, tenant, server, tool, currency, effectiveFrom }: PriceVersion, path: string): Issue => ({
  path,
  problem: `${tenant === undefined ? 'The list' : tenant} has another price for ${server}/${tool} in ${currency} from ${effectiveFrom} (${id}), and prices are never changed.`,
  suggestion: 'Give a later effective_from.',
});

const planAllocations = ({ allocations = [] }: PriceDocument, checks: Checks): ImportPlan['allocations'] =>
  allocations.map((entry, index) => {
    const path = `allocations[${index}]`;
    const rules = toAllocationRules(entry);
    checkTenant(entry.tenant, `${path}.tenant`, checks);
    checks.issues.push(...checkDay(entry.effective_from, `${path}.effective_from`));
    const stored = checks.facts.allocationRules.filter(({ tenant }) => tenant === entry.tenant);
    if (!isHolding(stored, { effectiveFrom: entry.effective_from, rules }))
      checkOpen({ day: entry.effective_from, tenant: entry.tenant, path: `${path}.effective_from` }, checks);
    if (allocations.findIndex(({ tenant }) => tenant === entry.tenant) < index)
      checks.issues.push({
        path: `${path}.tenant`,
        problem: `${entry.tenant} is there twice.`,
        suggestion: 'Import the later rules afterwards.',
      });
    checks.issues.push(...checkRules(rules, path));
    return { tenant: entry.tenant, effectiveFrom: entry.effective_from, rules };
  });

const checkRules = (rules: readonly AllocationRule[], path: string): readonly Issue[] => {
  const twice = rules.findIndex(({ id }, index) => rules.findIndex((other) => other.id === id) < index);
  return [
    ...checkAllocationRules(rules).map((issue) => ({
      ...issue,
      path: issue.path.replace('allocation_rules', `${path}.rules`),
    })),
    ...(twice < 0
      ? []
      : [{ path: `${path}.rules[${twice}]`, problem: 'Is there twice.', suggestion: 'Add the weights up.' }]),
  ];
};
