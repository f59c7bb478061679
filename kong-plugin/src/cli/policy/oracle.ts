import type { Caller } from '../../domain/caller.ts';
import type { JsonObject } from '../../domain/json/json-value.ts';
import type { ExplainedOpinion } from '../../domain/judge.ts';
import type { Reason } from '../../domain/reason.ts';
import type { SnapshotRule } from '../../domain/snapshot/snapshot.ts';
import { toCall, toMessage, type Item } from '../../domain/item-call.ts';
import { createPlaceCompiler } from './compile-place.ts';
import { rulesThatCouldTurn, type OpenCall } from './open-rules.ts';
import type { PolicedPlace, Setup } from './setup.ts';

/** `depends`: on arguments that the question does not give. */
export type Access = 'yes' | 'no' | 'depends';

export interface Verdict {
  readonly access: Access;
  readonly policy: string;
  readonly rule: string;
  readonly reason?: Reason;
  /** The item shows in lists. */
  readonly isListed: boolean;
  /** Rules that look at unknown arguments and could turn the answer. */
  readonly dependsOn: readonly string[];
}

export interface Question {
  readonly place: PolicedPlace;
  readonly caller: Caller;
  readonly item: Item;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Arguments of which some may be unknown. */
export type KnownArguments = Pick<OpenCall, 'isKnown'> & { readonly arguments?: JsonObject };

/** Answers questions about one setup with the plugin's own judge. */
export interface Oracle {
  readonly setup: Setup;
  /** What every policy says about the call with these arguments; undefined when the REST API has no such operation. */
  explain(question: Question, sent: JsonObject): readonly ExplainedOpinion[] | undefined;
  /** The caller under the application and tenant that the policy document gives it. */
  resolve(question: Question): Caller;
  /** The answer with what is known about the arguments: nothing, unless given. */
  access(question: Question, known?: KnownArguments): Verdict;
}

export const createOracle = (setup: Setup): Oracle => {
  const compile = createPlaceCompiler();
  const explain: Oracle['explain'] = ({ place, caller, item, at }, sent) => {
    const call = toCall(item, place.config.server, sent);
    if (call === undefined) return undefined;
    return compile(place).judge.explain({ message: toMessage(call), caller, session: 'none', now: at });
  };
  const openRules = ({ place, caller, item, at }: Question, known: KnownArguments): readonly SnapshotRule[] => {
    const method = toCall(item, place.config.server)?.method ?? '';
    const { judge, couldBeAllowed, findOpenRules } = compile(place);
    if (!couldBeAllowed(caller, item, { at, method })) return [];
    return findOpenRules({ caller: judge.resolve(caller), server: place.server, item, method, at, ...known });
  };
  return {
    setup,
    explain,
    resolve: ({ place, caller }) => compile(place).judge.resolve(caller),
    access: (question, known = {}) => {
      const { place, caller, item, at } = question;
      const opinions = explain(question, known.arguments ?? {}) ?? [];
      const winner = opinions.find(({ decides }) => decides);
      if (winner === undefined) return unknownOperation;
      const dependsOn = rulesThatCouldTurn(opinions, openRules(question, known));
      const isAllowed = winner.effect === 'allow';
      return {
        access: dependsOn.length > 0 ? 'depends' : isAllowed ? 'yes' : 'no',
        policy: winner.policy,
        rule: winner.rule,
        ...(winner.reason === undefined || isAllowed ? {} : { reason: winner.reason }),
        isListed: compile(place).judge.mayUse(caller, item.kind, item.name, at),
        dependsOn,
      };
    },
  };
};

const unknownOperation: Verdict = {
  access: 'no',
  policy: 'request',
  rule: 'request:unknown_operation',
  reason: 'unknown_operation',
  isListed: false,
  dependsOn: [],
};
