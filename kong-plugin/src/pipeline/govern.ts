import type { Caller } from '../domain/caller.ts';
import type { Decision } from '../domain/decision.ts';
import { checkOrigin } from '../domain/identity/check-origin.ts';
import { ownerKey } from '../domain/identity/owner-key.ts';
import { optionalFields, type AllFields } from '../domain/defined-fields.ts';
import type { SessionState } from '../domain/judge.ts';
import { commonOwner, taskIdsOf } from '../domain/policies/task-ownership.ts';
import { readMcpMessage } from '../domain/mcp/read-message.ts';
import { verifySession } from '../domain/mcp/session-binding.ts';
import type { Message } from '../domain/call.ts';
import type { Refusal } from '../domain/refusal.ts';
import { readOperation, type OperationMatcher } from '../domain/rest/match-operation.ts';
import { failure, type Result } from '../domain/result.ts';
import type { ServerConfig } from '../domain/server-config.ts';
import type { CounterStore } from '../ports/counter-store.ts';
import type { PinStore } from '../ports/pin-store.ts';
import type { TaskOwners } from '../ports/task-owners.ts';
import { askEngine, silent, type Engine, type EngineAnswer } from './ask-engine.ts';
import { challengeFor } from './challenge-for.ts';
import { checkPin } from './check-pin.ts';
import { identify } from './identify.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import type { RequestFacts } from './request-facts.ts';
import type { Stopwatch } from './stopwatch.ts';
import { takeUnits, toTakeInput, unitsLeft, type Taken, type TakeInput } from './take-units.ts';

/** What one governed server needs to judge its requests. */
export interface Governance {
  readonly config: ServerConfig;
  /** The policy in force now, or why there is none that may be judged by. */
  readonly policy: () => Result<PolicyInForce, string>;
  readonly operations: OperationMatcher;
  readonly pathPrefix?: string;
  /** The key that signs this caller's session ids. */
  readonly sessionKeyOf: (caller: Caller) => string;
  /** Something signs the session ids that the server issues (mcp-guard does, a post-function does not). */
  readonly bindsSessions: boolean;
  readonly taskOwners: TaskOwners;
  readonly counters: CounterStore;
  readonly pins: PinStore;
  readonly engine?: Engine;
  readonly time: Stopwatch;
}

/** What became of one request. Everything that was learnt before a refusal is kept for its record. */
export type Governed =
  | Forwarded
  | ({ readonly effect: 'refuse'; readonly refusal: Refusal; readonly challenge?: string } & Partial<
      Pick<Taken, 'demands' | 'states'>
    > &
      Learnt);

export interface Forwarded extends Learnt {
  readonly message: Message;
  readonly caller: Caller;
  readonly decision: Decision;
  readonly effect: 'forward';
  readonly session: BoundSession;
  readonly taken: Taken;
}

export interface Learnt {
  readonly message?: Message;
  readonly caller?: Caller;
  readonly decision?: Decision;
  readonly policyRevision?: string;
  readonly plan?: string;
  /** Rules, limits and policies in shadow mode that would have decided otherwise. */
  readonly shadow?: readonly string[];
  /** JSON paths that the record of this call must not show. */
  readonly redact?: readonly string[];
}

export interface BoundSession {
  readonly state: SessionState;
  /** Key with which the guard signs a session id that the server issues to this caller. */
  readonly key: string;
  /** What the server itself called the session. */
  readonly upstreamId?: string;
}

/**
 * The whole decision, in order. A request is refused at the first step that cannot vouch for it: where it comes from,
 * who sends it, what it says, whether its caller may, and whether it may now. Nothing is counted before everything else
 * allows, so that a refused call costs nothing.
 */
export const govern = (facts: RequestFacts, governance: Governance, now: number): Governed | Promise<Governed> => {
  const { config } = governance;
  const origin = checkOrigin(facts.request, config);
  if (origin !== undefined) return refuse({ refusal: origin });

  const policy = governance.policy();
  if (!policy.ok) return refuse({ refusal: { reason: 'governance_unavailable', detail: policyAway, id: null } });

  const identified = identify(facts, {
    config,
    usesGroups: policy.value.usesGroups,
    nowSeconds: Math.floor(now / 1000),
  });
  if (!identified.ok) return refuse({ refusal: identified.error, ...challengeFor(identified.error, config) });
  const caller = policy.value.judge.resolve(identified.value);

  const read = governance.time('read', () => readMessage(facts, governance));
  if (!read.ok) return refuse({ refusal: read.error, caller });
  const plan = policy.value.judge.planOf(caller)?.id;
  return judgeMessage(read.value, { facts, governance, policy: policy.value, caller, plan, now });
};

const policyAway = 'Governance is unavailable: there is no policy to judge by. Retry later.';

interface Context {
  readonly facts: RequestFacts;
  readonly governance: Governance;
  readonly policy: PolicyInForce;
  readonly caller: Caller;
  /** Of the caller's active subscription, if there is one. */
  readonly plan: string | undefined;
  readonly now: number;
}

const judgeMessage = async (message: Message, context: Context): Promise<Governed> => {
  const { governance, policy, caller, plan, now } = context;
  const session = bindSession(message, { caller, governance });
  const tasks = taskIdsOf(message.call);
  const taskOwner = tasks.length === 0 ? undefined : await ownerOf(tasks, { caller, governance });
  const input = optionalFields({ message, caller, session: session.state, now, taskOwner });
  const decision = governance.time('judge', () => pinned(policy.judge.decide(input), message, context));
  const learnt = optionalFields({ message, caller, decision, policyRevision: policy.revision, plan });
  if (decision.effect === 'deny') return deny(decision, learnt, context);

  // Waits for nobody where there is nobody to ask: each promise of a request costs it a microsecond.
  const { engine } = governance;
  const asked = engine === undefined ? silent : await governance.time('opa', () => ask(message, context, engine));
  const { redact } = asked;
  const shadow = [...(decision.shadow ?? []), ...asked.shadow];
  if (asked.denied !== undefined)
    return deny(asked.denied, { ...learnt, redact, shadow, decision: asked.denied }, context);

  const counters = { limits: policy.limits, store: governance.counters };
  const taken = await governance.time('take', () => takeUnits(takeInput(message, context), counters));
  if (!taken.ok) return refuse({ ...learnt, redact, shadow, ...taken.error, decision: counted(taken.error.refusal) });
  if (tasks.length > 0) await claim(tasks, { caller, governance });
  return optionalFields({
    effect: 'forward',
    message,
    caller,
    decision,
    policyRevision: policy.revision,
    plan,
    redact,
    session,
    taken: taken.value,
    shadow: [...shadow, ...taken.value.shadowExceeded],
  } satisfies AllFields<Forwarded>);
};

type Denial = Extract<Decision, { effect: 'deny' }>;

/** A tool that is not what was approved is refused although the rules allow it. */
const pinned = (decision: Decision, { call }: Message, { governance, policy }: Context): Decision => {
  if (decision.effect === 'deny' || call.kind !== 'tool') return decision;
  return checkPin(call.name, { server: governance.config.server.name, store: governance.pins, policy }) ?? decision;
};

const ask = async (message: Message, context: Context, engine: Engine): Promise<EngineAnswer> => {
  const { governance, policy, caller, plan, now } = context;
  const limitsLeft = await unitsLeft(takeInput(message, context), {
    limits: policy.limits,
    store: governance.counters,
  });
  const server = governance.config.server.name;
  return askEngine(optionalFields({ message, caller, server, now, limitsLeft, plan }), engine);
};

const takeInput = (message: Message, { facts, governance, policy, caller, plan, now }: Context): TakeInput => {
  const server = governance.config.server.name;
  return toTakeInput(message, { policy, caller, plan, server, requestId: facts.requestId, now });
};

/** The refusal of a counter as a decision, for the record. */
const counted = ({ reason, detail, data }: Refusal): Denial => ({
  effect: 'deny',
  policy: 'limits',
  rule: typeof data?.rule === 'string' ? data.rule : 'limits:store-away',
  reason,
  detail,
});

const deny = (decision: Denial, learnt: Learnt & { readonly message: Message }, { governance }: Context): Governed => {
  const refusal = toRefusal(decision, learnt.message);
  return refuse({ ...learnt, refusal, ...challengeFor(refusal, governance.config) });
};

const refuse = (refused: Omit<Extract<Governed, { effect: 'refuse' }>, 'effect'>): Governed => ({
  effect: 'refuse',
  ...refused,
});

const readMessage = (facts: RequestFacts, { config, operations, pathPrefix }: Governance): Result<Message, Refusal> => {
  const unread = unreadable(facts, config);
  if (unread !== undefined) return failure(unread);
  const { limits, mcp } = config;
  if (config.server.kind === 'mcp') return readMcpMessage(facts.request, { limits, mcp });
  return readOperation(facts.request, {
    matcher: operations,
    limits,
    ...(pathPrefix === undefined ? {} : { pathPrefix }),
  });
};

const unreadable = (facts: RequestFacts, config: ServerConfig): Refusal | undefined => {
  switch (facts.unreadable) {
    case undefined:
      return undefined;
    case 'too_large':
      return {
        reason: 'too_large',
        detail: `The request body is larger than ${config.limits.maxBodyBytes} bytes (limits.max_body_bytes).`,
        id: null,
      };
    case 'too_many_headers':
      return { reason: 'too_many_headers', detail: 'The request has more headers than are read.', id: null };
    case 'unreadable':
      return { reason: 'governance_unavailable', detail: 'The request body could not be read.', id: null };
  }
};

interface Binding {
  readonly caller: Caller;
  readonly governance: Governance;
}

/** Stateless: the session id that the client holds carries the signature of the caller who opened it. */
const bindSession = (message: Message, { caller, governance }: Binding): BoundSession => {
  const key = governance.sessionKeyOf(caller);
  if (message.sessionId === undefined || !governance.bindsSessions) return { state: 'none', key };
  const verified = verifySession(message.sessionId, key);
  return verified.bound ? { state: 'owned', key, upstreamId: verified.upstreamId } : { state: 'foreign', key };
};

/**
 * Whose tasks a call names. One that nobody owns counts as the caller's: its creator names it within milliseconds, before
 * the log phase of the call that made it has noted the owner, and its id cannot be guessed.
 */
const ownerOf = async (tasks: readonly string[], { caller, governance }: Binding): Promise<string | undefined> => {
  const server = governance.config.server.name;
  const owners = await Promise.all(tasks.map((task) => governance.taskOwners.ownerOf(server, task)));
  return commonOwner(owners.map((owner) => owner ?? ownerKey(caller)));
};

/** Only for a call that was allowed: naming a task must not take it away from anybody. */
const claim = async (tasks: readonly string[], { caller, governance }: Binding): Promise<void> => {
  const server = governance.config.server.name;
  await Promise.all(tasks.map((task) => governance.taskOwners.claim(server, task, ownerKey(caller))));
};

const toRefusal = (decision: Extract<Decision, { effect: 'deny' }>, message: Message): Refusal => ({
  reason: decision.reason,
  detail: decision.detail,
  era: message.era,
  ...(message.id === undefined ? {} : { id: message.id }),
  ...subjectOf(message),
});

const subjectOf = ({ call }: Message): { readonly subject?: string } => {
  switch (call.kind) {
    case 'tool':
    case 'prompt':
    case 'operation':
      return { subject: call.name };
    case 'resource':
      return { subject: call.uri };
    default:
      return { subject: call.method };
  }
};
