import { checkAllocationRules } from '../allocation/check-allocation-rules.ts';
import { isWithin } from '../calendar/period.ts';
import type { Issue } from '../issue.ts';
import { findPool } from './draw-allowances.ts';
import type { ToolUsage } from './group-usage.ts';
import type { StatementInput } from './statement-input.ts';

/** Input that a statement must not be made of. What people write is refused earlier; this is the last line. */
export const checkInput = (input: StatementInput, tools: readonly ToolUsage[]): readonly Issue[] => [
  ...checkUsage(input),
  ...checkPools(input, tools),
  ...input.adjustments
    .filter(({ tenant }) => tenant !== input.tenant.id)
    .map(({ id, tenant }) => ({ path: `adjustments.${id}`, problem: `Is of tenant ${tenant}.` })),
  ...input.allocationRules
    .filter(({ tenant }) => tenant !== input.tenant.id)
    .map(({ id, tenant }) => ({ path: `allocation_rules.${id}`, problem: `Is of tenant ${tenant}.` })),
  ...checkAllocationRules(input.allocationRules),
];

/** One row is enough to say that the query was wrong. */
const checkUsage = ({ usage, tenant, period }: StatementInput): readonly Issue[] => {
  const strange = usage.find((row) => row.tenant !== tenant.id || !isWithin(row.day, period) || row.quantity < 0n);
  if (strange === undefined) return [];
  const problem = `${strange.quantity} calls of tenant ${strange.tenant} on ${strange.day} do not belong on a statement of ${tenant.id} from ${period.start} to before ${period.end}.`;
  return [{ path: `usage.${strange.server}/${strange.tool}`, problem }];
};

const checkPools = ({ pools, tenant, period }: StatementInput, tools: readonly ToolUsage[]): readonly Issue[] => {
  const named = new Map(
    tools.flatMap(({ runs }) =>
      runs.flatMap(({ version }) => (version?.pool === undefined ? [] : [[version.pool, version.id] as const])),
    ),
  );
  return [...named]
    .filter(([pool]) => findPool(pool, { pools, tenant: tenant.id, period }) === undefined)
    .map(([pool, version]) => ({
      path: `price ${version}.pool`,
      problem: `There is no pool ${pool} in the period.`,
      suggestion: 'Import it under `pools`.',
    }));
};
