import { Buffer } from 'node:buffer';
import { optionalFields, type AllFields } from '../defined-fields.ts';
import type { Admission, InvocationRecord } from './invocation-record.ts';
import { recordId } from './record-id.ts';
import { recordJson } from './record-json.ts';
import { recordPath, recordText, textLimits } from './record-text.ts';

/** What the gateway knows when a request has ended: the guard's outcome, without the admission that it carried. */
export interface CallFacts {
  readonly outcome: string;
  readonly why?: string;
  readonly code?: number;
  readonly task_id?: string;
  readonly request_id: string;
  /** Milliseconds since the epoch. */
  readonly started_at: number;
  readonly client_ip: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly upstream_status?: number;
  readonly request_bytes: number;
  readonly response_bytes: number;
  /** Milliseconds. */
  readonly latency: { readonly kong?: number; readonly upstream?: number; readonly total: number };
  /** Id of the consumer that Kong authenticated. */
  readonly consumer?: string;
  readonly route_id?: string;
  readonly service_id?: string;
}

export interface RecordContext {
  /** Name of the server for a request whose admission is missing. */
  readonly server: string;
  /** Characters of the admission's JSON, where it came as JSON: a short one cannot make a long record. */
  readonly admissionLength?: number;
}

/** A line of 16 KiB is appended in one write and read by any log shipper. */
const MAX_RECORD_BYTES = 16_384;

/**
 * One request's record. What the guard refused is a deny, whatever was admitted before; so is a request without an
 * admission: the plugin server was away, and nobody judged it.
 */
export const buildRecord = (
  facts: CallFacts,
  admission: Admission | undefined,
  context: RecordContext = { server: 'unknown' },
): InvocationRecord => {
  const record = joined(facts, judgedBy(facts, admission ?? unjudged(facts, context)));
  return context.admissionLength !== undefined && isSurelyShort(facts, context.admissionLength)
    ? record
    : bounded(record);
};

/** Member by member: a spread of the admission took as long as its JSON. */
const joined = (facts: CallFacts, admitted: Admission): InvocationRecord => {
  const startedAt = validTime(facts.started_at);
  const { subject, subjectKind } = admitted;
  return optionalFields({
    id: recordId({ startedAt, requestId: facts.request_id }),
    occurredAt: new Date(startedAt).toISOString(),
    server: admitted.server,
    kind: admitted.kind,
    method: admitted.method,
    tool: subjectKind === 'tool' ? subject : undefined,
    prompt: subjectKind === 'prompt' ? subject : undefined,
    resource: subjectKind === 'resource' ? subject : undefined,
    subject: subjectKind === undefined ? subject : undefined,
    decision: admitted.decision,
    policy: admitted.policy,
    rule: admitted.rule,
    reason: admitted.reason,
    detail: admitted.detail,
    policyRevision: admitted.policyRevision,
    plan: admitted.plan,
    shadow: admitted.shadow,
    uncounted: admitted.uncounted,
    tenant: admitted.tenant,
    application: admitted.application,
    user: admitted.user,
    consumer: admitted.consumer,
    consumerId: admitted.consumerId,
    credentialId: admitted.credentialId,
    arguments: admitted.arguments,
    argumentsSha256: admitted.argumentsSha256,
    jsonRpcId: admitted.requestId,
    protocolVersion: admitted.protocolVersion,
    session: admitted.session,
    traceId: admitted.traceparent === undefined ? undefined : traceIdOf(admitted.traceparent),
    client: admitted.client,
    userAgent: admitted.userAgent,
    outcome: facts.outcome,
    outcomeWhy: facts.why,
    errorCode: facts.code,
    taskId: taskIdOf(facts, admitted),
    upstreamStatus: facts.upstream_status,
    status: facts.status,
    latencyMs: latencyOf(facts),
    requestBytes: facts.request_bytes,
    responseBytes: facts.response_bytes,
    httpMethod: recordText(facts.method, 'name'),
    path: admitted.pathTemplate ?? recordPath(facts.path),
    kongRequestId: facts.request_id,
    clientIp: facts.client_ip === '' ? undefined : facts.client_ip,
    routeId: facts.route_id,
    serviceId: facts.service_id,
  } satisfies AllFields<InvocationRecord>);
};

const latencyOf = ({ latency: { total, kong, upstream } }: CallFacts): InvocationRecord['latencyMs'] =>
  optionalFields({ total, kong, upstream });

/** What the log phase adds to an admission, but for the path: ids, times, numbers, and the names of its own fields. */
const MAX_ADDED_CHARACTERS = 1_500;

/** Three bytes a UTF-16 unit at most; a path is shown escaped or cut, never longer than 512 characters. Saves writing the JSON twice. */
const isSurelyShort = ({ task_id: taskId = '' }: CallFacts, admissionLength: number): boolean =>
  3 * (admissionLength + taskId.length + textLimits.path + MAX_ADDED_CHARACTERS) < MAX_RECORD_BYTES;

const unjudged = (facts: CallFacts, { server }: RecordContext): Admission => ({
  server,
  kind: 'unread',
  method: recordText(facts.method, 'name'),
  decision: 'deny',
  policy: 'guard',
  ...whyUnjudged(facts),
  ...(facts.consumer === undefined || facts.consumer === '' ? {} : { consumerId: recordText(facts.consumer, 'name') }),
  requestBytes: facts.request_bytes,
});

/** A 401 of key-auth or a 403 of acl came before the plugin server was asked, and is no failure of it. */
const whyUnjudged = ({ why, status }: CallFacts): Pick<Admission, 'rule' | 'reason' | 'detail'> =>
  why === 'not_governed' && status < 500
    ? {
        rule: 'guard:not_governed',
        ...(status === 401 ? { reason: 'unauthenticated' } : {}),
        detail: 'Another plugin of the gateway answered before the request was judged.',
      }
    : {
        rule: 'guard:no_admission',
        reason: 'governance_unavailable',
        detail: 'Nothing judged the request: the plugin server left no verdict.',
      };

const judgedBy = (facts: CallFacts, admission: Admission): Admission => {
  if (facts.outcome !== 'guard_refused') return admission;
  const why = recordText(facts.why ?? 'unknown', 'name');
  const { tenant, application, user, consumer, consumerId, credentialId, ...rest } = admission;
  // The verdict belonged to somebody else: who that was says nothing about who called.
  const isMistaken = facts.why === 'wrong_consumer';
  const judged = optionalFields({ tenant, application, user, consumer, consumerId, credentialId });
  const caller = isMistaken ? optionalFields({ consumerId: facts.consumer }) : judged;
  return {
    ...rest,
    ...caller,
    decision: 'deny',
    policy: 'guard',
    rule: `guard:${why}`,
    reason: facts.why === 'upgrade' ? 'upgrade_refused' : 'governance_unavailable',
    detail: `The guard refused the request: ${why}.`,
  };
};

/** The task that the call became, or else the one that it named. */
const taskIdOf = (facts: CallFacts, { subject, subjectKind }: Admission): string | undefined => {
  if (facts.task_id !== undefined) return recordText(facts.task_id, 'name');
  return subjectKind === 'task' ? subject : undefined;
};

/** Trace id of a W3C `traceparent`; undefined for one that is malformed or all zero. */
const traceIdOf = (traceparent: string): string | undefined =>
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/.exec(traceparent)?.[1];

/** Lua's clock has a fraction; a time that is none must not make a record impossible. */
const validTime = (milliseconds: number): number =>
  Number.isFinite(milliseconds) && milliseconds >= 0 && milliseconds < 2 ** 48 ? Math.floor(milliseconds) : 0;

const bounded = (record: InvocationRecord): InvocationRecord =>
  Buffer.byteLength(recordJson(record)) < MAX_RECORD_BYTES
    ? record
    : { ...record, arguments: '[omitted: the record would be longer than 16 KiB]' };
