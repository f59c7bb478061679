import { createHash } from 'node:crypto';
import type { Call, JsonRpcId, Message } from '../call.ts';
import type { Caller } from '../caller.ts';
import type { Decision } from '../decision.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import type { Refusal } from '../refusal.ts';
import type { RecordOptions } from '../server-config.ts';
import { argumentsDigest } from './arguments-digest.ts';
import { isCardNumber } from './card-numbers.ts';
import type { Admission } from './invocation-record.ts';
import { recordText } from './record-text.ts';

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
  readonly requestBytes: number;
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
export const buildAdmission = (facts: AdmissionFacts, options: AdmissionOptions): Admission => ({
  server: facts.server,
  ...callPart(facts),
  ...decisionPart(facts),
  ...callerPart(facts.caller),
  ...argumentsPart(facts.message?.call, options),
  ...messagePart(facts.message, facts.refusal),
  ...shown('credentialId', facts.credentialId),
  ...shown('userAgent', facts.userAgent, 'userAgent'),
  ...policyPart(facts),
  requestBytes: facts.requestBytes,
});

const policyPart = ({ policyRevision, plan, shadow = [], uncounted = [] }: AdmissionFacts) => ({
  ...shown('policyRevision', policyRevision),
  ...shown('plan', plan),
  ...(shadow.length === 0 ? {} : { shadow: shadow.slice(0, MAX_NAMED_RULES) }),
  ...(uncounted.length === 0 ? {} : { uncounted: uncounted.slice(0, MAX_NAMED_RULES) }),
});

/** Rules named in one record; a call that more of them concern shows the first. */
const MAX_NAMED_RULES = 16;

const callPart = ({ message, refusal, httpMethod }: AdmissionFacts) => {
  if (message === undefined)
    return { kind: 'unread', method: recordText(httpMethod, 'name'), ...shown('subject', refusal?.subject, 'subject') };
  const { call } = message;
  return {
    kind: call.kind,
    method: recordText(call.method, 'name'),
    ...subjectPart(call),
    ...(call.kind === 'operation' ? shown('pathTemplate', call.template, 'path') : {}),
  };
};

const subjectPart = (call: Call): Pick<Admission, 'subject' | 'subjectKind'> => {
  const of = (subjectKind: 'tool' | 'prompt' | 'resource' | 'task', subject: string | undefined) =>
    subject === undefined || subject === '' ? {} : { subjectKind, subject: recordText(subject, 'subject') };
  switch (call.kind) {
    case 'tool':
    case 'operation':
      return of('tool', call.name);
    case 'prompt':
      return of('prompt', call.name);
    case 'resource':
      return of('resource', call.uri);
    case 'listen':
      return of('resource', call.resourceUris.join(' '));
    case 'task':
      return of('task', call.taskId);
    case 'completion':
      return call.reference.kind === 'prompt' ? of('prompt', call.reference.name) : of('resource', call.reference.uri);
    default:
      return {};
  }
};

const decisionPart = ({
  decision,
  refusal,
}: AdmissionFacts): Pick<Admission, 'decision' | 'policy' | 'rule' | 'reason' | 'detail'> => {
  if (decision !== undefined && (decision.effect === 'deny' || refusal === undefined)) {
    const named = { ...shown('policy', decision.policy), ...shown('rule', decision.rule) };
    if (decision.effect === 'allow') return { decision: 'allow', ...named };
    return { decision: 'deny', ...named, reason: decision.reason, ...shown('detail', decision.detail, 'detail') };
  }
  // Refused before any policy was asked: the request itself was the reason.
  const reason = refusal?.reason ?? 'governance_unavailable';
  const detail = shown('detail', refusal?.detail ?? 'Nothing decided on the request.', 'detail');
  return { decision: 'deny', policy: 'request', rule: `request:${reason}`, reason, ...detail };
};

const callerPart = (caller: Caller | undefined) => ({
  ...shown('tenant', caller?.tenant),
  ...shown('application', caller?.application),
  ...shown('user', caller?.user),
  ...shown('consumer', caller?.consumer),
  ...shown('consumerId', caller?.consumerId),
});

const argumentsPart = (call: Call | undefined, { arguments: mode, redact }: AdmissionOptions) => {
  const sent = argumentsOf(call);
  if (sent === undefined) return {};
  return { ...(mode === 'redacted' ? { arguments: redact(sent) } : {}), argumentsSha256: argumentsDigest(sent) };
};

const argumentsOf = (call: Call | undefined): JsonObject | undefined =>
  call?.kind === 'tool' || call?.kind === 'prompt' || call?.kind === 'operation' ? call.arguments : undefined;

const messagePart = (message: Message | undefined, refusal: Refusal | undefined) => ({
  ...idPart(message?.id ?? refusal?.id ?? undefined),
  ...shown('protocolVersion', message?.protocolVersion),
  ...(message?.sessionId === undefined ? {} : { session: sessionLabel(message.sessionId) }),
  ...shown('traceparent', message?.traceparent),
  ...(message?.client === undefined
    ? {}
    : { client: { ...shown('name', message.client.name), ...shown('version', message.client.version) } }),
});

/** A client chooses its ids; one that is a card number is left out like any other. */
const idPart = (id: JsonRpcId | undefined): { readonly requestId?: JsonRpcId } => {
  if (id === undefined || isCardNumber(String(id))) return {};
  return { requestId: typeof id === 'string' ? recordText(id, 'name') : id };
};

/** Enough to join the records of a session, and useless for taking it over. */
const sessionLabel = (sessionId: string): string => createHash('sha256').update(sessionId).digest('hex').slice(0, 16);

/** The member `key`, left out when there is nothing to show. */
const shown = <Key extends string>(
  key: Key,
  text: string | undefined,
  limit: Parameters<typeof recordText>[1] = 'name',
): { readonly [_ in Key]?: string } => {
  const fields: { [_ in Key]?: string } = {};
  if (text !== undefined && text !== '') fields[key] = recordText(text, limit);
  return fields;
};
