import { nextState, possibleActions, type SubscriptionState } from './subscriptionState';

const allowed: Readonly<Record<SubscriptionState, readonly string[]>> = {
  pending: ['approve', 'reject', 'revoke'],
  active: ['suspend', 'revoke', 'expire'],
  suspended: ['resume', 'revoke', 'expire'],
  rejected: [],
  revoked: [],
  expired: [],
};

describe('a subscription', () => {
  it.each(Object.entries(allowed))('that is %s allows %j and nothing else', (state, actions) => {
    expect(possibleActions(state as SubscriptionState)).toEqual(actions);
  });

  it('never comes back from a final state', () => {
    for (const final of ['rejected', 'revoked', 'expired'] as const)
      for (const action of ['approve', 'reject', 'suspend', 'resume', 'revoke', 'expire'] as const)
        expect(nextState(final, action)).toBeUndefined();
  });
});
