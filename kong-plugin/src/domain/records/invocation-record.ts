import type { JsonRpcId } from '../call.ts';
import type { JsonValue } from '../json/json-value.ts';
import type { Reason } from '../reason.ts';

/**
 * What is known when the decision falls: the fields of a record that come first, under the record's names. It travels through Kong as
 * JSON, and becomes a part of the record's JSON as it is.
 */
export interface Admission {
  readonly server: string;
  /** `tool`, `prompt`, `resource`, `list`, `operation`, `lifecycle`, ...: the call's kind; `unread` when it could not be read. */
  readonly kind: string;
  readonly method: string;
  /** Of a REST operation its name. */
  readonly tool?: string;
  readonly prompt?: string;
  /** A URI, or several with a space between them. */
  readonly resource?: string;
  /** What a request named that could not be read: of which kind it is, is unknown. */
  readonly subject?: string;
  readonly decision: 'allow' | 'deny';
  readonly policy?: string;
  readonly rule?: string;
  readonly reason?: Reason;
  /** What the caller was told, for a refusal. */
  readonly detail?: string;
  /** Revision of the policy snapshot that judged; absent where there is none. */
  readonly policyRevision?: string;
  /** Plan of the subscription under which the call was allowed. */
  readonly plan?: string;
  /** Rules, limits and policies in shadow mode that would have decided otherwise. */
  readonly shadow?: readonly string[];
  /** Limits that let the call pass uncounted, because their store was away and the operator wrote `allow`. */
  readonly uncounted?: readonly string[];
  readonly tenant?: string;
  readonly application?: string;
  readonly user?: string;
  readonly consumer?: string;
  readonly consumerId?: string;
  readonly credentialId?: string;
  readonly arguments?: JsonValue;
  /** Hex SHA-256 of the canonical JSON (RFC 8785) of the arguments as sent, before redaction. */
  readonly argumentsSha256?: string;
  readonly jsonRpcId?: JsonRpcId;
  readonly protocolVersion?: string;
  /** First 16 hex digits of the SHA-256 of the session id: joins records without being usable as a session. */
  readonly session?: string;
  /** Of a W3C `traceparent`. */
  readonly traceId?: string;
  readonly client?: { readonly name?: string; readonly version?: string };
  readonly userAgent?: string;
  /** REST: the template. Recorded in place of the path, whose values are arguments and are redacted as such. */
  readonly path?: string;
  /** The task that the call names; one that it becomes takes its place. */
  readonly taskId?: string;
}

/** One line of the record file: one governed request, allowed or refused. Field names are the record's contract. */
export interface InvocationRecord extends Admission {
  /** UUID in version 7 layout: milliseconds of the request's start, then bits of Kong's request id. The same for every retry of writing it. */
  readonly id: string;
  /** When the request arrived (RFC 3339, milliseconds). */
  readonly occurredAt: string;
  readonly outcome: string;
  readonly outcomeWhy?: string;
  readonly errorCode?: number;
  readonly status: number;
  readonly upstreamStatus?: number;
  readonly latencyMs: { readonly total: number; readonly kong?: number; readonly upstream?: number };
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly clientIp?: string;
  readonly httpMethod: string;
  readonly path: string;
  readonly kongRequestId: string;
  readonly routeId?: string;
  readonly serviceId?: string;
}
