import type { Plan, Snapshot, Subscription } from '../snapshot/snapshot.ts';
import { createPatternBuckets } from './pattern-buckets.ts';

/** What the subscriptions of a caller's application to one server say. */
export interface CallerSubscriptions {
  /** The subscription that decides about a tool: an active one before any other; undefined when none is about it. */
  find(tool: string): Subscription | undefined;
  /** Of the active subscription. */
  readonly plan?: Plan;
  readonly hasActive: boolean;
  readonly hasInactive: boolean;
}

export const noSubscriptions: CallerSubscriptions = { find: () => undefined, hasActive: false, hasInactive: false };

/** Compiles the subscriptions to one server; a caller's own are compiled when the caller is first seen. */
export const compileSubscriptions = (
  { plans, subscriptions }: Snapshot,
  server: string,
): ((application: string | undefined) => CallerSubscriptions) => {
  const byApplication = new Map<string, Subscription[]>();
  for (const subscription of subscriptions) {
    if (subscription.server !== server) continue;
    const known = byApplication.get(subscription.application);
    if (known === undefined) byApplication.set(subscription.application, [subscription]);
    else known.push(subscription);
  }
  const plansById = new Map(plans.map((plan) => [plan.id, { plan, includes: compileNames(plan.tools) }]));
  return (application) => {
    const own = application === undefined ? undefined : byApplication.get(application);
    if (own === undefined) return noSubscriptions;
    const compiled = own.flatMap((subscription) => {
      const known = plansById.get(subscription.plan);
      if (known === undefined) return [];
      const isPart = subscription.tools === undefined ? () => true : compileNames(subscription.tools);
      const covers = (tool: string): boolean => known.includes(tool) && isPart(tool);
      return [{ subscription, plan: known.plan, isActive: subscription.state === 'active', covers }];
    });
    return toSubscriptions(compiled.sort((left, right) => Number(right.isActive) - Number(left.isActive)));
  };
};

interface CompiledSubscription {
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly isActive: boolean;
  readonly covers: (tool: string) => boolean;
}

/** Active ones come first. */
const toSubscriptions = (compiled: readonly CompiledSubscription[]): CallerSubscriptions => {
  const active = compiled.find(({ isActive }) => isActive);
  return {
    find: (tool) => compiled.find(({ covers }) => covers(tool))?.subscription,
    hasActive: active !== undefined,
    hasInactive: compiled.some(({ isActive }) => !isActive),
    ...(active === undefined ? {} : { plan: active.plan }),
  };
};

const compileNames = (patterns: readonly string[]): ((name: string) => boolean) => {
  const buckets = createPatternBuckets(patterns.map((pattern) => [pattern, true] as const));
  return (name) => {
    let isFound = false;
    buckets.visit(name, () => (isFound = true));
    return isFound;
  };
};
