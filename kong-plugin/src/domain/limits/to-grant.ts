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
  const lines = demands.map((demand, index) => {
    const standing = standings[index] ?? { used: Number.POSITIVE_INFINITY, resetsAt: demand.endsAt };
    return { demand, standing, isExceeded: standing.used + demand.cost > demand.limit };
  });
  const refusing = lines.filter(({ demand, isExceeded }) => isExceeded && !demand.shadow);
  const shadowExceeded = lines
    .filter(({ demand, isExceeded }) => isExceeded && demand.shadow)
    .map(({ demand }) => demand.rule);
  const isCounted = mode === 'take' && refusing.length === 0;
  const states = lines.map(({ demand, standing }) => toState(demand, standing, isCounted));
  const exceeded = refusing
    .map(({ demand, standing }) => toState(demand, standing, false))
    .reduce<CounterState | undefined>(
      (last, each) => (last !== undefined && last.resetsAt >= each.resetsAt ? last : each),
      undefined,
    );
  return exceeded === undefined
    ? { granted: true, states, shadowExceeded }
    : { granted: false, states, exceeded, shadowExceeded };
};

const toState = (demand: Demand, standing: Standing, isCounted: boolean): CounterState => {
  const used = standing.used + (isCounted ? demand.cost : 0);
  return {
    rule: demand.rule,
    limit: demand.limit,
    used,
    remaining: Math.max(0, demand.limit - used),
    resetsAt: standing.resetsAt,
  };
};
