import type { Decision } from '../domain/decision.ts';
import { pinOpinion } from '../domain/pins/pin-opinion.ts';
import { stateUnderPin } from '../domain/pins/next-state.ts';
import type { PinStore } from '../ports/pin-store.ts';
import type { PolicyInForce } from './policy-in-force.ts';

export interface Pins {
  readonly server: string;
  readonly store: PinStore;
  readonly policy: Pick<PolicyInForce, 'pinMode' | 'pinOf'>;
}

/** The refusal of a tool that is not what was approved; undefined leaves it to the rules. Lists and calls ask the same. */
export const checkPin = (
  tool: string,
  { server, store, policy }: Pins,
): Extract<Decision, { effect: 'deny' }> | undefined => {
  if (policy.pinMode === 'observe') return undefined;
  const pin = policy.pinOf(tool);
  const state = pin === undefined ? store.stateOf(server, tool) : stateUnderPin(store.find(server, tool), pin);
  const health = store.health();
  const opinion = pinOpinion(policy.pinMode, state, { historyLost: !health.ok && health.historyLost });
  if (opinion.effect === 'none') return undefined;
  return { effect: 'deny', policy: 'tool-pins', rule: opinion.rule, reason: opinion.reason, detail: opinion.detail };
};
