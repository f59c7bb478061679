import type { CounterState, Demand, Grant } from './limit-rule.ts';

/** One counter before the call. */
export interface Standing {
  readonly used: number;
  /** Milliseconds since the epoch; for `concurrent` when the oldest lease ends by itself. */
  readonly resetsAt: number;
}

export interface GrantInput {
  readonly demands: readonly Demand[];
  /** In the order of the demands. */
  readonly standings: readonly Standing[];
  /** `take`: a granted call is included in `used`. `peek`: nothing is. */
  readonly mode: 'take' | 'peek';
}

/** The answer to a take, from the counters as they stood: the one place that decides, whatever the store. */
export const toGrant = ({ demands, standings, mode }: GrantInput): Grant => {
  const shadowExceeded: string[] = [];
  let isRefused = false;
  for (const [index, demand] of demands.entries()) {
    if (!isExceeded(demand, standings[index])) continue;
    if (demand.shadow) shadowExceeded.push(demand.rule);
    else isRefused = true;
  }
  const isCounted = mode === 'take' && !isRefused;
  const states = demands.map((demand, index) => toState(demand, standings[index], isCounted));
  if (!isRefused) return { granted: true, states, shadowExceeded };
  const exceeded = states
    .filter((_, index) => refuses(demands[index], standings[index]))
    .reduce((last, each) => (last.resetsAt >= each.resetsAt ? last : each));
  return { granted: false, states, exceeded, shadowExceeded };
};

/** A counter that the store said nothing about has nothing left. */
const usedOf = (standing: Standing | undefined): number => standing?.used ?? Number.POSITIVE_INFINITY;

const isExceeded = ({ cost, limit }: Demand, standing: Standing | undefined): boolean =>
  usedOf(standing) + cost > limit;

const refuses = (demand: Demand | undefined, standing: Standing | undefined): boolean =>
  demand !== undefined && !demand.shadow && isExceeded(demand, standing);

const toState = (demand: Demand, standing: Standing | undefined, isCounted: boolean): CounterState => {
  const used = usedOf(standing) + (isCounted ? demand.cost : 0);
  return {
    rule: demand.rule,
    limit: demand.limit,
    used,
    remaining: Math.max(0, demand.limit - used),
    resetsAt: standing?.resetsAt ?? demand.endsAt,
  };
};
