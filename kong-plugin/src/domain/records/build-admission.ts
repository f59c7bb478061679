import type { Call, JsonRpcId, Message } from '../call.ts';
import type { Caller } from '../caller.ts';
import type { Decision } from '../decision.ts';
import { optionalFields, type AllFields } from '../defined-fields.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { oncePerObject } from '../once-per-object.ts';
import { sha256 } from '../sha256.ts';
import type { Refusal } from '../refusal.ts';
import type { RecordOptions } from '../server-config.ts';
import { argumentsDigest } from './arguments-digest.ts';
import { isCardNumber } from './card-numbers.ts';
import type { Admission } from './invocation-record.ts';
import { recordText } from './record-text.ts';
import { traceIdOf } from './trace-id.ts';

/** What is known when the decision falls. Everything that was learnt before a refusal is given as well. */
export interface AdmissionFacts {
  readonly server: string;
  readonly httpMethod: string;
  readonly message?: Message;
  readonly refusal?: Refusal;
  readonly decision?: Decision;
  readonly caller?: Caller;
  readonly credentialId?: string;
  readonly userAgent?: string;
  readonly policyRevision?: string;
  readonly plan?: string;
  readonly shadow?: readonly string[];
  readonly uncounted?: readonly string[];
}

export interface AdmissionOptions {
  readonly arguments: RecordOptions['arguments'];
  /** Made once per configuration by `createRedactor`. */
  readonly redact: (value: JsonValue) => JsonValue;
}

/** The part of a record that is known before the server is asked. It is an `allow` only when an allowing decision stands. */
export const buildAdmission = (facts: AdmissionFacts, options: AdmissionOptions): Admission => {
  const { message, refusal, caller = nobody } = facts;
  const call = callPart(facts);
  const decided = decisionPart(facts);
  const names = callerPart(caller);
  const sent = argumentsOf(message?.call);
  return optionalFields({
    server: facts.server,
    kind: call.kind,
    method: call.method,
    tool: call.tool,
    prompt: call.prompt,
    resource: call.resource,
    subject: call.subject,
    decision: decided.decision,
    policy: decided.policy,
    rule: decided.rule,
    reason: decided.reason,
    detail: decided.detail,
    tenant: names.tenant,
    application: names.application,
    user: names.user,
    consumer: names.consumer,
    consumerId: names.consumerId,
    arguments: sent === undefined || options.arguments !== 'redacted' ? undefined : options.redact(sent),
    argumentsSha256: sent === undefined ? undefined : argumentsDigest(sent),
    jsonRpcId: shownId(message?.id ?? refusal?.id ?? undefined),
    protocolVersion: shown(message?.protocolVersion),
    session: message?.sessionId === undefined ? undefined : sessionLabel(message.sessionId),
    traceId: traceIdOf(message?.traceparent),
    client: clientOf(message),
    credentialId: shown(facts.credentialId),
    userAgent: shown(facts.userAgent, 'userAgent'),
    policyRevision: shown(facts.policyRevision),
    plan: shown(facts.plan),
    shadow: someOf(facts.shadow),
    uncounted: someOf(facts.uncounted),
    path: call.path,
    taskId: call.taskId,
  } satisfies AllFields<Admission>);
};

/** Nobody was identified. */
const nobody: Caller = { tags: [], groups: [], scopes: [] };

/** Rules named in one record; a call that more of them concern shows the first. */
const MAX_NAMED_RULES = 16;

const someOf = (rules: readonly string[] = []): readonly string[] | undefined =>
  rules.length === 0 ? undefined : rules.slice(0, MAX_NAMED_RULES);

/** What the call is and names. */
type CallPart = Pick<
  AllFields<Admission>,
  'kind' | 'method' | 'tool' | 'prompt' | 'resource' | 'subject' | 'path' | 'taskId'
>;

const callPart = ({ message, refusal, httpMethod }: AdmissionFacts): CallPart => {
  if (message === undefined)
    return callNamed(undefined, {
      kind: 'unread',
      method: recordText(httpMethod, 'name'),
      name: refusal?.subject,
      template: undefined,
    });
  const { call } = message;
  const [subjectKind, name] = subjectOf(call);
  const template = call.kind === 'operation' ? call.template : undefined;
  return callNamed(subjectKind, { kind: call.kind, method: recordText(call.method, 'name'), name, template });
};

/** An operation is a tool; undefined when it could not be read what the subject is. */
type SubjectKind = 'tool' | 'prompt' | 'resource' | 'task' | undefined;

interface NamedCall extends Pick<CallPart, 'kind' | 'method'> {
  readonly name: string | undefined;
  readonly template: string | undefined;
}

const callNamed = (subjectKind: SubjectKind, { kind, method, name, template }: NamedCall): CallPart => {
  const subject = shown(name, 'subject');
  return {
    kind,
    method,
    tool: subjectKind === 'tool' ? subject : undefined,
    prompt: subjectKind === 'prompt' ? subject : undefined,
    resource: subjectKind === 'resource' ? subject : undefined,
    taskId: subjectKind === 'task' ? subject : undefined,
    subject: subjectKind === undefined ? subject : undefined,
    path: shown(template, 'path'),
  };
};

const subjectOf = (call: Call): readonly [kind: SubjectKind, name: string | undefined] => {
  switch (call.kind) {
    case 'tool':
    case 'operation':
      return ['tool', call.name];
    case 'prompt':
      return ['prompt', call.name];
    case 'resource':
      return ['resource', call.uri];
    case 'listen':
      return ['resource', call.resourceUris.join(' ')];
    case 'task':
      return ['task', call.taskId];
    case 'completion':
      return call.reference.kind === 'prompt' ? ['prompt', call.reference.name] : ['resource', call.reference.uri];
    default:
      return [undefined, undefined];
  }
};

type DecisionPart = Pick<AllFields<Admission>, 'decision' | 'policy' | 'rule' | 'reason' | 'detail'>;

const decisionPart = ({ decision, refusal }: AdmissionFacts): DecisionPart => {
  if (decision !== undefined && (decision.effect === 'deny' || refusal === undefined)) {
    const policy = shown(decision.policy);
    const rule = shown(decision.rule);
    return decision.effect === 'allow'
      ? { decision: 'allow', policy, rule, reason: undefined, detail: undefined }
      : { decision: 'deny', policy, rule, reason: decision.reason, detail: shown(decision.detail, 'detail') };
  }
  // Refused before any policy was asked: the request itself was the reason.
  const reason = refusal?.reason ?? 'governance_unavailable';
  const detail = shown(refusal?.detail ?? 'Nothing decided on the request.', 'detail');
  return { decision: 'deny', policy: 'request', rule: `request:${reason}`, reason, detail };
};

const callerPart = oncePerObject((caller: Caller) =>
  optionalFields({
    tenant: shown(caller.tenant),
    application: shown(caller.application),
    user: shown(caller.user),
    consumer: shown(caller.consumer),
    consumerId: shown(caller.consumerId),
  }),
);

const argumentsOf = (call: Call | undefined): JsonObject | undefined =>
  call?.kind === 'tool' || call?.kind === 'prompt' || call?.kind === 'operation' ? call.arguments : undefined;

const clientOf = (message: Message | undefined): Admission['client'] =>
  message?.client === undefined
    ? undefined
    : optionalFields({ name: shown(message.client.name), version: shown(message.client.version) });

/** A client chooses its ids; one that is a card number is left out like any other. */
const shownId = (id: JsonRpcId | undefined): JsonRpcId | undefined => {
  if (id === undefined || isCardNumber(String(id))) return undefined;
  return typeof id === 'string' ? recordText(id, 'name') : id;
};

/** Enough to join the records of a session, and useless for taking it over. */
const sessionLabel = (sessionId: string): string => sha256(sessionId).slice(0, 16);

/** The text as a record shows it; undefined when there is nothing to show. */
const shown = (text: string | undefined, limit: Parameters<typeof recordText>[1] = 'name'): string | undefined =>
  text === undefined || text === '' ? undefined : recordText(text, limit);
