import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { FULL_WEIGHT_BP, type AllocationRule } from '../domain/allocation/allocation-rule.ts';
import type { Day } from '../domain/calendar/day.ts';
import type { AllocationEntry } from './price-document.ts';

interface RuleRow {
  readonly id: string;
  readonly tenant: string;
  readonly match_application: string | null;
  readonly match_server: string | null;
  readonly match_tool: string | null;
  readonly team: string;
  readonly cost_center: string;
  readonly weight_bp: number;
  readonly effective_from: Day;
  readonly effective_to: Day | null;
}

/** Of one tenant, or of all. */
export const loadAllocationRules = async (database: Knex, tenant?: string): Promise<readonly AllocationRule[]> => {
  const rows = await database('billing.allocation_rule')
    .where(tenant === undefined ? {} : { tenant })
    .orderBy('id')
    .select<readonly RuleRow[]>('*');
  return rows.map((row) => ({
    id: row.id,
    tenant: row.tenant,
    ...(row.match_application === null ? {} : { application: row.match_application }),
    ...(row.match_server === null ? {} : { server: row.match_server }),
    ...(row.match_tool === null ? {} : { tool: row.match_tool }),
    team: row.team,
    costCenter: row.cost_center,
    weightBp: row.weight_bp,
    effectiveFrom: row.effective_from,
    ...(row.effective_to === null ? {} : { effectiveTo: row.effective_to }),
  }));
};

/** The rules of an entry. Ids are made of what they say, so that the same entry twice changes nothing. */
export const toAllocationRules = ({
  tenant,
  effective_from: effectiveFrom,
  rules,
}: AllocationEntry): readonly AllocationRule[] =>
  rules.map(({ application, server, tool, team, cost_center: costCenter, weight_bp: weightBp = FULL_WEIGHT_BP }) => {
    const text = JSON.stringify([
      tenant,
      effectiveFrom,
      application ?? null,
      server ?? null,
      tool ?? null,
      team,
      costCenter,
    ]);
    return {
      id: `alc_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`,
      tenant,
      ...(application === undefined ? {} : { application }),
      ...(server === undefined ? {} : { server }),
      ...(tool === undefined ? {} : { tool }),
      team,
      costCenter,
      weightBp,
      effectiveFrom,
    };
  });

/**
 * From `effectiveFrom` on these rules hold and no others: what began earlier ends that day, what was to begin later never does.
 * False when they hold already, and then nothing is touched.
 */
export const replaceAllocationRules = async (
  transaction: Knex.Transaction,
  {
    tenant,
    effectiveFrom,
    rules,
    actor,
  }: {
    readonly tenant: string;
    readonly effectiveFrom: Day;
    readonly rules: readonly AllocationRule[];
    readonly actor: string;
  },
): Promise<boolean> => {
  const table = () => transaction('billing.allocation_rule').where({ tenant });
  if (isHolding(await loadAllocationRules(transaction, tenant), { effectiveFrom, rules })) return false;
  await table().where('effective_from', '>=', effectiveFrom).delete();
  await table()
    .whereRaw('(effective_to is null or effective_to > ?)', [effectiveFrom])
    .update({ effective_to: effectiveFrom });
  if (rules.length > 0)
    await transaction('billing.allocation_rule').insert(
      rules.map((rule) => ({
        id: rule.id,
        tenant,
        match_application: rule.application ?? null,
        match_server: rule.server ?? null,
        match_tool: rule.tool ?? null,
        team: rule.team,
        cost_center: rule.costCenter,
        weight_bp: rule.weightBp,
        effective_from: rule.effectiveFrom,
        created_by: actor,
      })),
    );
  return true;
};

/** Of a tenant's rules, those from the day on are these and no others. */
export const isHolding = (
  stored: readonly AllocationRule[],
  { effectiveFrom, rules }: { readonly effectiveFrom: Day; readonly rules: readonly AllocationRule[] },
): boolean => {
  const holding = stored.filter(({ effectiveTo }) => effectiveTo === undefined || effectiveTo > effectiveFrom);
  const weights = new Map(holding.map(({ id, weightBp }) => [id, weightBp]));
  return holding.length === rules.length && rules.every(({ id, weightBp }) => weights.get(id) === weightBp);
};
