import type { Caller } from '../domain/caller.ts';
import type { Decision } from '../domain/decision.ts';
import { checkOrigin } from '../domain/identity/check-origin.ts';
import { ownerKey } from '../domain/identity/owner-key.ts';
import type { Judge, SessionState } from '../domain/judge.ts';
import { commonOwner, taskIdsOf } from '../domain/policies/task-ownership.ts';
import { readMcpMessage } from '../domain/mcp/read-message.ts';
import { sessionKey, verifySession } from '../domain/mcp/session-binding.ts';
import type { Message } from '../domain/call.ts';
import type { Refusal } from '../domain/refusal.ts';
import { readOperation, type OperationMatcher } from '../domain/rest/match-operation.ts';
import { failure, type Result } from '../domain/result.ts';
import type { ServerConfig } from '../domain/server-config.ts';
import type { TaskOwners } from '../ports/task-owners.ts';
import { challengeFor } from './challenge-for.ts';
import { identify } from './identify.ts';
import type { RequestFacts } from './request-facts.ts';

/** What one governed server needs to judge its requests; compiled once per configuration. */
export interface Governance {
  readonly config: ServerConfig;
  readonly judge: Judge;
  readonly operations: OperationMatcher;
  readonly pathPrefix?: string;
  readonly sessionSecret: string;
  /** Something signs the session ids that the server issues (mcp-guard does, a post-function does not). */
  readonly bindsSessions: boolean;
  readonly taskOwners: TaskOwners;
}

/** What became of one request. Everything that was learnt before a refusal is kept for its record. */
export type Governed =
  | {
      readonly effect: 'forward';
      readonly message: Message;
      readonly caller: Caller;
      readonly decision: Decision;
      readonly session: BoundSession;
    }
  | {
      readonly effect: 'refuse';
      readonly refusal: Refusal;
      readonly challenge?: string;
      readonly message?: Message;
      readonly caller?: Caller;
      readonly decision?: Decision;
    };

export interface BoundSession {
  readonly state: SessionState;
  /** Key with which the guard signs a session id that the server issues to this caller. */
  readonly key: string;
  /** What the server itself called the session. */
  readonly upstreamId?: string;
}

/**
 * The whole decision, in order. A request is refused at the first step that cannot vouch for it: where it comes from,
 * who sends it, what it says, and whether its caller may.
 */
export const govern = async (facts: RequestFacts, governance: Governance, now: number): Promise<Governed> => {
  const { config } = governance;
  const origin = checkOrigin(facts.request, config);
  if (origin !== undefined) return refuse({ refusal: origin });

  const identified = identify(facts, { config, nowSeconds: Math.floor(now / 1000) });
  if (!identified.ok) return refuse({ refusal: identified.error, ...challengeFor(identified.error, config) });
  const caller = identified.value;

  const read = readMessage(facts, governance);
  if (!read.ok) return refuse({ refusal: read.error, caller });
  const message = read.value;

  const session = bindSession(message, { caller, governance });
  const tasks = taskIdsOf(message.call);
  const taskOwner = await ownerOf(tasks, { caller, governance });
  const decision = governance.judge.decide({
    message,
    caller,
    session: session.state,
    ...(taskOwner === undefined ? {} : { taskOwner }),
  });
  if (decision.effect === 'deny') {
    const refusal = toRefusal(decision, message);
    return refuse({ refusal, caller, message, decision, ...challengeFor(refusal, config) });
  }
  await claim(tasks, { caller, governance });
  return { effect: 'forward', message, caller, decision, session };
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
  const key = sessionKey(governance.sessionSecret, caller);
  if (message.sessionId === undefined || !governance.bindsSessions) return { state: 'none', key };
  const verified = verifySession(message.sessionId, key);
  return verified.bound ? { state: 'owned', key, upstreamId: verified.upstreamId } : { state: 'foreign', key };
};

/**
 * Whose tasks a call names. One that nobody owns counts as the caller's: its creator names it within milliseconds, before
 * the log phase of the call that made it has noted the owner, and its id cannot be guessed.
 */
const ownerOf = async (tasks: readonly string[], { caller, governance }: Binding): Promise<string | undefined> => {
  if (tasks.length === 0) return undefined;
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
