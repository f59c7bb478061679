import type { Demand } from './limit-rule.ts';

/** What becomes of a call whose counters cannot be reached. */
export interface AwayDecision {
  readonly passes: boolean;
  /** Limits that deny it, or, when it passes, that were not counted: for the refusal and the record. */
  readonly rules: readonly string[];
}

/** One limit that says `deny` is enough; shadow limits have no say. */
export const decideWithoutStore = (demands: readonly Demand[]): AwayDecision => {
  const denying = demands.filter((demand) => !demand.shadow && demand.whenStoreDown === 'deny');
  const decisive = denying.length > 0 ? denying : demands;
  return { passes: denying.length === 0, rules: decisive.map((demand) => demand.rule) };
};
