import { Buffer } from 'node:buffer';
import { optionalFields, type AllFields } from '../defined-fields.ts';
import type { Admission, InvocationRecord } from './invocation-record.ts';
import { recordId } from './record-id.ts';
import { recordPath, recordText, textLimits } from './record-text.ts';
import { toStored, type StoredRecord } from './stored-record.ts';

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
  const admitted = judgedBy(facts, admission ?? unjudged(facts, context));
  return bounded({ ...beginningOf(facts), ...admitted, ...endOf(facts, admitted) });
};

/** The JSON of an `Admission`. */
export interface AdmissionJson {
  readonly json: string;
  /** It has no field that the end of a request has as well: `path` and `taskId`. */
  readonly isApart: boolean;
}

/**
 * The same record as it is stored, with the admission's JSON in it as it came: to read it and to write it again took longer than
 * most steps of the judgement.
 */
export const storedRecord = (
  facts: CallFacts,
  admission: AdmissionJson | undefined,
  context: RecordContext,
): StoredRecord => {
  if (admission === undefined) return toStored(buildRecord(facts, undefined, context));
  if (!admission.isApart || facts.outcome === 'guard_refused' || !isSurelyShort(facts, admission.json.length))
    return toStored(buildRecord(facts, JSON.parse(admission.json) as Admission, context));
  const { id, occurredAt } = beginningOf(facts);
  const end = JSON.stringify(endOf(facts, {}));
  return {
    id,
    occurredAt,
    server: context.server,
    outcome: facts.outcome,
    // The object that begins, the admission's members, and the object that ends.
    json: `{"id":"${id}","occurredAt":"${occurredAt}",${admission.json.slice(1, -1)},${end.slice(1)}`,
  };
};

const beginningOf = (facts: CallFacts): Pick<InvocationRecord, 'id' | 'occurredAt'> => {
  const startedAt = validTime(facts.started_at);
  return {
    id: recordId({ startedAt, requestId: facts.request_id }),
    occurredAt: new Date(startedAt).toISOString(),
  };
};

type End = Omit<InvocationRecord, 'id' | 'occurredAt' | Exclude<keyof Admission, 'path' | 'taskId'>>;

const endOf = (facts: CallFacts, admitted: Pick<Admission, 'path' | 'taskId'>): End =>
  optionalFields({
    outcome: facts.outcome,
    outcomeWhy: facts.why,
    errorCode: facts.code,
    taskId: facts.task_id === undefined ? admitted.taskId : recordText(facts.task_id, 'name'),
    upstreamStatus: facts.upstream_status,
    status: facts.status,
    latencyMs: latencyOf(facts),
    requestBytes: facts.request_bytes,
    responseBytes: facts.response_bytes,
    httpMethod: recordText(facts.method, 'name'),
    path: admitted.path ?? recordPath(facts.path),
    kongRequestId: facts.request_id,
    clientIp: facts.client_ip === '' ? undefined : facts.client_ip,
    routeId: facts.route_id,
    serviceId: facts.service_id,
  } satisfies AllFields<End>);

const latencyOf = ({ latency: { total, kong, upstream } }: CallFacts): InvocationRecord['latencyMs'] =>
  optionalFields({ total, kong, upstream });

/** What the log phase adds to an admission, but for the path: ids, times, numbers, and the names of its own fields. */
const MAX_ADDED_CHARACTERS = 1_500;

/** Three bytes a UTF-16 unit at most; a path is shown escaped or cut, never longer than 512 characters. */
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

/** Lua's clock has a fraction; a time that is none must not make a record impossible. */
const validTime = (milliseconds: number): number =>
  Number.isFinite(milliseconds) && milliseconds >= 0 && milliseconds < 2 ** 48 ? Math.floor(milliseconds) : 0;

const bounded = (record: InvocationRecord): InvocationRecord =>
  Buffer.byteLength(JSON.stringify(record)) < MAX_RECORD_BYTES
    ? record
    : { ...record, arguments: '[omitted: the record would be longer than 16 KiB]' };
