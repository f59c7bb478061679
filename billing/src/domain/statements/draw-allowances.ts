import type { Day } from '../calendar/day.ts';
import { lastDayOf, type Period } from '../calendar/period.ts';
import type { FreePool } from '../pricing/price-version.ts';
import { byTool, type RunUsage, type ToolUsage } from './group-usage.ts';

/** Free units of each run; a run without any is not in it. */
export type FreeUnits = ReadonlyMap<RunUsage, bigint>;

/**
 * Which units are free, stated here only. Day by day, and within a day in the order of server and tool, each tool first
 * uses up its own allowance and then the pool that its price names. By day, because what was free yesterday then stays
 * free: an accrual never turns out dearer in hindsight. Its own first, because nothing else can use it. An allowance is one
 * per tool and period: the next price version's is what the ones before have left of it.
 */
export const drawAllowances = (
  tools: readonly ToolUsage[],
  { pools, tenant, period }: { readonly pools: readonly FreePool[]; readonly tenant: string; readonly period: Period },
): FreeUnits => {
  const free = new Map<RunUsage, bigint>();
  const ownUsed = new Map<ToolUsage, bigint>();
  const poolUsed = new Map<string, bigint>();
  for (const { tool, run, quantity } of drawsOf(tools)) {
    const own = least(quantity, (run.version?.freeUnits ?? 0n) - (ownUsed.get(tool) ?? 0n));
    ownUsed.set(tool, (ownUsed.get(tool) ?? 0n) + own);
    const poolId = run.version?.pool;
    const poolUnits = poolId === undefined ? 0n : (findPool(poolId, { pools, tenant, period })?.units ?? 0n);
    const pooled = least(quantity - own, poolUnits - (poolUsed.get(poolId ?? '') ?? 0n));
    if (poolId !== undefined) poolUsed.set(poolId, (poolUsed.get(poolId) ?? 0n) + pooled);
    if (own + pooled > 0n) free.set(run, (free.get(run) ?? 0n) + own + pooled);
  }
  return free;
};

/** A tenant's own pool beats the one of that name for every tenant; of its versions the last to begin in the period or before. */
export const findPool = (
  id: string,
  { pools, tenant, period }: { readonly pools: readonly FreePool[]; readonly tenant: string; readonly period: Period },
): FreePool | undefined => {
  const begun = pools.filter((pool) => pool.id === id && pool.effectiveFrom <= lastDayOf(period));
  const own = begun.filter((pool) => pool.tenant === tenant);
  const candidates = own.length > 0 ? own : begun.filter((pool) => pool.tenant === undefined);
  return candidates.reduce<FreePool | undefined>(
    (latest, pool) => (latest === undefined || pool.effectiveFrom > latest.effectiveFrom ? pool : latest),
    undefined,
  );
};

interface Draw {
  readonly tool: ToolUsage;
  readonly run: RunUsage;
  readonly day: Day;
  quantity: bigint;
}

/** The billable units of each tool and day that may be free, in the order in which they draw. */
const drawsOf = (tools: readonly ToolUsage[]): readonly Draw[] =>
  tools
    .flatMap((tool) =>
      tool.runs
        .filter(({ version }) => version?.freeUnits !== undefined || version?.pool !== undefined)
        .flatMap((run) => {
          const byDay = new Map<Day, Draw>();
          for (const { day, quantity } of run.billable) {
            const draw = byDay.get(day) ?? { tool, run, day, quantity: 0n };
            draw.quantity += quantity;
            byDay.set(day, draw);
          }
          return [...byDay.values()];
        }),
    )
    .sort((left, right) => (left.day === right.day ? byTool(left.tool, right.tool) : left.day < right.day ? -1 : 1));

/** At most `quantity`, at most what is left; never below 0. */
const least = (quantity: bigint, left: bigint): bigint => {
  if (left <= 0n) return 0n;
  return quantity < left ? quantity : left;
};
