/**
 * `pending` waits for the provider; `rejected`, `revoked` and `expired` are final. Only `active` lets calls pass the gateway.
 */
export type SubscriptionState = 'pending' | 'active' | 'suspended' | 'rejected' | 'revoked' | 'expired';

export type SubscriptionAction = 'approve' | 'reject' | 'suspend' | 'resume' | 'revoke' | 'expire';

const transitions: Readonly<
  Record<SubscriptionAction, { readonly from: readonly SubscriptionState[]; readonly to: SubscriptionState }>
> = {
  approve: { from: ['pending'], to: 'active' },
  reject: { from: ['pending'], to: 'rejected' },
  suspend: { from: ['active'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'active' },
  revoke: { from: ['pending', 'active', 'suspended'], to: 'revoked' },
  expire: { from: ['active', 'suspended'], to: 'expired' },
};

/** The state after `action`, or undefined where the action is not possible. */
export const nextState = (state: SubscriptionState, action: SubscriptionAction): SubscriptionState | undefined => {
  const { from, to } = transitions[action];
  return from.includes(state) ? to : undefined;
};

/** What may be done next, in the order in which buttons are shown. */
export const possibleActions = (state: SubscriptionState): readonly SubscriptionAction[] =>
  (Object.keys(transitions) as SubscriptionAction[]).filter((action) => nextState(state, action) !== undefined);

/**
 * States that occupy the place of an application at a server: while one exists no second subscription may be requested.
 * A suspended one does too, so that nobody escapes a suspension by subscribing again.
 */
export const occupyingStates: readonly SubscriptionState[] = ['pending', 'active', 'suspended'];
