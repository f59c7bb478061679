import type { JsonRpcId } from '../call.ts';
import type { JsonValue } from '../json/json-value.ts';
import type { Reason } from '../reason.ts';

/** What is known when the decision falls; travels through Kong as JSON and becomes the record in the log phase. */
export interface Admission {
  readonly server: string;
  /** `tool`, `prompt`, `resource`, `list`, `operation`, `lifecycle`, ...: the call's kind; `unread` when it could not be read. */
  readonly kind: string;
  readonly method: string;
  /** Tool, prompt or operation name, or the resource's URI. */
  readonly subject?: string;
  /** What the subject is (an operation is a tool); absent when that could not be read. */
  readonly subjectKind?: 'tool' | 'prompt' | 'resource' | 'task';
  /** REST: recorded in place of the path, whose values are arguments and are redacted as such. */
  readonly pathTemplate?: string;
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
  readonly requestId?: JsonRpcId;
  readonly protocolVersion?: string;
  /** First 16 hex digits of the SHA-256 of the session id: joins records without being usable as a session. */
  readonly session?: string;
  readonly traceparent?: string;
  readonly client?: { readonly name?: string; readonly version?: string };
  readonly userAgent?: string;
  /** Bytes of the body as received. */
  readonly requestBytes: number;
}

/** One line of the record file: one governed request, allowed or refused. Field names are the record's contract. */
export interface InvocationRecord {
  /** UUID in version 7 layout: milliseconds of the request's start, then bits of Kong's request id. The same for every retry of writing it. */
  readonly id: string;
  /** When the request arrived (RFC 3339, milliseconds). */
  readonly occurredAt: string;
  readonly server: string;
  readonly kind: string;
  readonly method: string;
  readonly tool?: string;
  readonly prompt?: string;
  readonly resource?: string;
  /** What a request named that could not be read: of which kind it is, is unknown. */
  readonly subject?: string;
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
  readonly decision: 'allow' | 'deny';
  readonly policy?: string;
  readonly rule?: string;
  readonly reason?: Reason;
  readonly detail?: string;
  readonly outcome: string;
  readonly outcomeWhy?: string;
  readonly errorCode?: number;
  readonly taskId?: string;
  readonly status: number;
  readonly upstreamStatus?: number;
  readonly latencyMs: { readonly total: number; readonly kong?: number; readonly upstream?: number };
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly arguments?: JsonValue;
  readonly argumentsSha256?: string;
  readonly jsonRpcId?: JsonRpcId;
  readonly protocolVersion?: string;
  readonly session?: string;
  readonly traceId?: string;
  readonly client?: { readonly name?: string; readonly version?: string };
  readonly userAgent?: string;
  readonly clientIp?: string;
  readonly httpMethod: string;
  readonly path: string;
  readonly kongRequestId: string;
  readonly routeId?: string;
  readonly serviceId?: string;
}
