import type { Snapshot } from './snapshot.ts';

/** Some part of the policy names ACL groups, so that Kong has to be asked for those of each caller. */
export const usesGroups = ({ applications, rules, limits, plans }: Snapshot): boolean =>
  applications.some(({ match }) => match.groups !== undefined) ||
  [...rules, ...limits, ...plans.flatMap((plan) => plan.limits)].some(({ callers }) => callers.groups !== undefined);
