import type { Call, Message } from '../call.ts';
import type { Caller } from '../caller.ts';
import type { Opinion } from '../decision.ts';
import type { ServerConfig } from '../server-config.ts';
import type { CallerAccess } from './access.ts';
import type { Situation } from './condition.ts';
import type { CallerSubscriptions } from './subscription-access.ts';

/** `none`: no session id, or sessions are not bound here. `foreign`: bound to another caller, or not bound at all. */
export type SessionState = 'none' | 'owned' | 'foreign';

/** What a decision depends on besides the configuration. */
export interface JudgeInput {
  readonly message: Message;
  readonly caller: Caller;
  /** `ownerKey` of the one owner of every task the call names; absent when any is unknown or they have several. */
  readonly taskOwner?: string;
  readonly session: SessionState;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface PolicyInput extends JudgeInput {
  readonly access: CallerAccess;
  readonly subscriptions: CallerSubscriptions;
  /** The call as conditions see it. */
  readonly situation: Situation;
  readonly config: ServerConfig;
}

export type CallKind = Call['kind'];

/** One concern of access control. Adding one is a file and a line in the registry. */
export interface Policy {
  readonly name: string;
  appliesTo(kind: CallKind): boolean;
  /**
   * `deny` settles the call; `allow` holds unless another policy denies; `none` is silence, and its reason is what the
   * caller hears when nobody allows.
   */
  opinion(input: PolicyInput): Opinion;
}

type Shadowed = Pick<Opinion, 'shadow'>;

export type View =
  | ({ readonly effect: 'allow'; readonly rule: string } & Shadowed)
  | ({ readonly effect: 'deny'; readonly rule: string } & Required<Pick<Opinion, 'reason' | 'detail'>> & Shadowed)
  | ({ readonly effect: 'none'; readonly rule: string } & Pick<Opinion, 'reason' | 'detail'> & Shadowed);

/** The calls of the given kinds; `PlainCall` has several. */
export type CallOf<Kind extends CallKind> = Call extends infer Each
  ? Each extends { readonly kind: infer Own }
    ? [Extract<Own, Kind>] extends [never]
      ? never
      : Each
    : never
  : never;

interface Definition<Kind extends CallKind> {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly view: (call: CallOf<Kind>, input: PolicyInput) => View;
}

export const definePolicy = <Kind extends CallKind>({ name, kinds, view }: Definition<Kind>): Policy => {
  const known = new Set<CallKind>(kinds);
  const concerns = (call: Call): call is Call & CallOf<Kind> => known.has(call.kind);
  return {
    name,
    appliesTo: (kind) => known.has(kind),
    opinion: (input) => {
      const { call } = input.message;
      if (!concerns(call)) return { policy: name, effect: 'none', rule: `${name}:not-concerned` };
      return toOpinion(name, view(call, input));
    },
  };
};

/** Most opinions are bare; a spread takes as long as having one. */
const toOpinion = (policy: string, view: Omit<Opinion, 'policy'>): Opinion => {
  const { effect, rule, reason, detail, shadow } = view;
  const isBare = reason === undefined && detail === undefined && shadow === undefined;
  return isBare ? { policy, effect, rule } : { policy, ...view };
};

export const everyKind: readonly CallKind[] = [
  'tool',
  'prompt',
  'resource',
  'list',
  'completion',
  'task',
  'listen',
  'operation',
  'lifecycle',
  'notification',
  'response',
  'stream',
  'session_end',
  'server_only',
  'unknown',
];
