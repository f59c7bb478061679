import type { ItemKind } from './call.ts';
import type { Caller } from './caller.ts';
import type { Decision, Opinion } from './decision.ts';
import { compileAccess } from './policies/access.ts';
import { policies } from './policies/index.ts';
import { findItem } from './policies/item-access.ts';
import { everyKind, type CallKind, type JudgeInput, type Policy } from './policies/policy.ts';
import type { ServerConfig } from './server-config.ts';

export type { JudgeInput, SessionState } from './policies/policy.ts';

/** An opinion, and whether it is the one that decided. Exactly one of a call's opinions is. */
export interface ExplainedOpinion extends Opinion {
  readonly decides: boolean;
}

/** Who may do what on one server. Deny beats allow; silence denies. */
export interface Judge {
  decide(input: JudgeInput): Decision;
  /** What every policy says about the call, in the registry's order. */
  explain(input: JudgeInput): readonly ExplainedOpinion[];
  /**
   * Do the rules allow the item? Filters lists with the function that decides calls. A tool that only lacks a scope
   * stays visible: its caller may use it after consent.
   */
  mayUse(caller: Caller, kind: ItemKind, name: string): boolean;
}

/** Compiles the rules once; a decision afterwards is a few look-ups, however many rules and applications there are. */
export const createJudge = (config: ServerConfig): Judge => {
  const accessOf = compileAccess(config.rules);
  const byKind = new Map<CallKind, readonly Policy[]>(
    everyKind.map((kind) => [kind, policies.filter((policy) => policy.appliesTo(kind))]),
  );
  const opinionsOn = (input: JudgeInput): readonly Opinion[] => {
    const policyInput = { ...input, access: accessOf(input.caller), config };
    return (byKind.get(input.message.call.kind) ?? []).map((policy) => policy.opinion(policyInput));
  };
  return {
    decide: (input) => toDecision(decisive(opinionsOn(input))),
    explain: (input) => {
      const opinions = opinionsOn(input);
      const winner = decisive(opinions);
      const heard = opinions.includes(winner) ? opinions : [...opinions, winner];
      return heard.map((opinion) => ({ ...opinion, decides: opinion === winner }));
    },
    mayUse: (caller, kind, name) => findItem(accessOf(caller), kind, name)?.effect === 'allow',
  };
};

/** Nobody knows this call: refused like an unknown method. */
const silence: Opinion = {
  policy: 'silence',
  effect: 'none',
  rule: 'silence:nobody-allows',
  reason: 'method_denied',
  detail: 'No policy of this gateway allows this request.',
};

const decisive = (opinions: readonly Opinion[]): Opinion =>
  opinions.find((opinion) => opinion.effect === 'deny') ??
  opinions.find((opinion) => opinion.effect === 'allow') ??
  opinions.find((opinion) => opinion.reason !== undefined) ??
  silence;

const toDecision = ({ policy, effect, rule, reason, detail }: Opinion): Decision =>
  effect === 'allow'
    ? { effect, policy, rule }
    : {
        effect: 'deny',
        policy,
        rule,
        reason: reason ?? 'method_denied',
        detail: detail ?? 'No policy of this gateway allows this request.',
      };
