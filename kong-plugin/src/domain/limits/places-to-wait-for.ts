import type { Demand, Grant } from './limit-rule.ts';

/**
 * The places that a refused call lacks, when one of each that comes back lets it pass. Empty when anything else refuses it
 * too, or when a limit has no place at all: waiting would change nothing.
 */
export const placesToWaitFor = (
  { states }: Extract<Grant, { readonly granted: false }>,
  demands: readonly Demand[],
): readonly Demand[] => {
  const refusing = demands.filter((demand, index) => {
    const state = states[index];
    return !demand.shadow && (state === undefined || state.used + demand.cost > demand.limit);
  });
  return refusing.every(({ kind, cost, limit }) => kind === 'concurrent' && cost <= limit) ? refusing : [];
};
