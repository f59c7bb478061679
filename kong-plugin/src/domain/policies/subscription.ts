import type { CallerSubscriptions } from './subscription-access.ts';
import { definePolicy, type View } from './policy.ts';

/**
 * A plan allows its tools to the applications that subscribe to it, as a rule would; denies of rules still beat it. A
 * subscription that is not active refuses the tools it was for, whatever rules allow them: suspending it must work.
 */
export const subscription = definePolicy({
  name: 'subscription',
  kinds: ['tool', 'operation'],
  view: ({ name }, { subscriptions }) => viewSubscription(subscriptions, name),
});

const none: View = { effect: 'none', rule: 'subscription:none' };

export const viewSubscription = (subscriptions: CallerSubscriptions, tool: string): View => {
  const found = subscriptions.find(tool);
  if (found === undefined) return none;
  const { application, server, plan, state } = found;
  if (state === 'active') return { effect: 'allow', rule: `subscription:${plan}` };
  return {
    effect: 'deny',
    rule: `subscription:${plan}`,
    reason: 'subscription_inactive',
    detail: `The subscription of ${application} to ${server} (plan ${plan}) is ${state}.`,
  };
};
