import type { Reason } from '../reason.ts';
import type { ReplyOptions } from '../server-config.ts';

/** What one reason looks like on the wire. */
export interface ReplyForm {
  /** Short and stable, for people: the title of a problem document and the message where no detail may be told. */
  readonly title: string;
  /** For a JSON-RPC request whose id is known. */
  readonly legacy: JsonRpcForm;
  readonly modern: JsonRpcForm;
  /** HTTP status when no JSON-RPC answer is owed or the id is unknown. Never 2xx: a client would take it for accepted. */
  readonly withoutId: number;
  /** HTTP status of a REST operation. */
  readonly rest: number;
  /**
   * The reply is the one that a server gives for a thing it does not have: no reason, rule or data in it, or it would
   * tell the caller that the thing exists.
   */
  readonly isHidden: boolean;
  /** `tool_result`: a result with `isError`, the gentlest channel to a model (no client turns it into an exception). */
  readonly answer: 'error' | 'tool_result';
  /** Where the machine-readable part of a tool result stands: its key in `_meta`. */
  readonly meta?: 'mcp-governance/limit' | 'mcp-governance/refusal';
}

export interface JsonRpcForm {
  readonly status: number;
  /** JSON-RPC error code. */
  readonly code: number;
}

interface Codes {
  readonly legacy: number;
  readonly modern: number;
}

/** The request is refused with an HTTP status in every transport form; clients turn it into a transport error. */
const refused = (title: string, status: number, codes: number | Codes): ReplyForm => ({
  title,
  legacy: { status, code: typeof codes === 'number' ? codes : codes.legacy },
  modern: { status, code: typeof codes === 'number' ? codes : codes.modern },
  withoutId: status,
  rest: status,
  isHidden: false,
  answer: 'error',
});

/** The reply of a server that has no such thing: HTTP 200, because SDK clients turn any other status into an exception. */
const unknownThing = (title: string, codes: Codes): ReplyForm => ({
  title,
  legacy: { status: 200, code: codes.legacy },
  modern: { status: 200, code: codes.modern },
  withoutId: 404,
  rest: 404,
  isHidden: true,
  answer: 'error',
});

/** 200 for a JSON-RPC request, so that the client reads the words; an HTTP status for everything else. */
const toldInBody = (title: string, { status, code }: JsonRpcForm): ReplyForm => ({
  ...refused(title, status, code),
  legacy: { status: 200, code },
  modern: { status: 200, code },
});

/** The same refusal as a tool's failure, which the model reads; HTTP clients raise it as an exception otherwise. */
const toldToModel = (form: ReplyForm, meta: NonNullable<ReplyForm['meta']>): ReplyForm => ({
  ...form,
  legacy: { ...form.legacy, status: 200 },
  modern: { ...form.modern, status: 200 },
  answer: 'tool_result',
  meta,
});

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
/** MCP 2026-07-28, basic/index.mdx §Error Codes. */
const HEADER_MISMATCH = -32020;
const UNSUPPORTED_VERSION = -32022;
/** What legacy SDK servers answer. */
const LEGACY_SERVER_ERROR = -32000;
const LEGACY_SESSION_NOT_FOUND = -32001;
const LEGACY_RESOURCE_NOT_FOUND = -32002;
/** Codes of our own repeat the HTTP status: outside -32768..-32000, which JSON-RPC and MCP reserve. */
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const TOO_MANY_REQUESTS = 429;

const invalidParams = { legacy: INVALID_PARAMS, modern: INVALID_PARAMS };

/** The forms that an operator may choose from for a tool that the caller may not call. */
export const deniedToolForms: Readonly<Record<ReplyOptions['deniedTool'], ReplyForm>> = {
  unknown_tool: unknownThing('Unknown tool', invalidParams),
  tool_error: {
    ...unknownThing('Tool not allowed', invalidParams),
    withoutId: 403,
    rest: 403,
    isHidden: false,
    answer: 'tool_result',
  },
  forbidden: refused('Tool not allowed', 403, FORBIDDEN),
};

/** Every reason and its form: a reason without one does not compile (MCP facts §3, "Recommended replies"). */
export const replyForms: Readonly<Record<Reason, ReplyForm>> = {
  method_not_allowed: refused('Method not allowed', 405, INVALID_REQUEST),
  unsupported_media_type: refused('Unsupported media type', 415, INVALID_REQUEST),
  unsupported_encoding: refused('Unsupported content encoding', 415, INVALID_REQUEST),
  not_acceptable: refused('Not acceptable', 406, INVALID_REQUEST),
  too_large: refused('Request too large', 413, INVALID_REQUEST),
  too_many_headers: refused('Too many headers', 431, INVALID_REQUEST),
  invalid_encoding: refused('Not valid UTF-8', 400, PARSE_ERROR),
  invalid_json: refused('Not valid JSON', 400, PARSE_ERROR),
  too_deep: refused('Nested too deeply', 400, INVALID_REQUEST),
  duplicate_key: refused('Duplicate key', 400, INVALID_REQUEST),
  lookalike_key: refused('Look-alike key', 400, INVALID_REQUEST),
  batch_refused: refused('Batches are not accepted', 400, INVALID_REQUEST),
  invalid_message: refused('Invalid message', 400, INVALID_REQUEST),
  notification_call: refused('A call needs an id', 400, INVALID_REQUEST),
  // 200: a model that invents a name must read why, not lose its connection to a transport exception.
  invalid_name: {
    ...refused('Invalid name', 400, INVALID_PARAMS),
    legacy: { status: 200, code: INVALID_PARAMS },
    modern: { status: 200, code: INVALID_PARAMS },
  },
  header_mismatch: refused('Header and body differ', 400, HEADER_MISMATCH),
  ambiguous_header: refused('Ambiguous header', 400, { legacy: INVALID_REQUEST, modern: HEADER_MISMATCH }),
  unsupported_version: refused('Unsupported protocol version', 400, {
    legacy: LEGACY_SERVER_ERROR,
    modern: UNSUPPORTED_VERSION,
  }),
  invalid_parameters: refused('Invalid parameters', 400, INVALID_PARAMS),
  upgrade_refused: refused('Upgrade refused', 400, INVALID_REQUEST),
  // 405 is the one refusal of a GET stream that both SDKs take without an error or a retry.
  resume_refused: refused('Resuming a stream is not allowed', 405, INVALID_REQUEST),
  unauthenticated: refused('Authentication required', 401, UNAUTHORIZED),
  invalid_token: refused('Invalid token', 401, UNAUTHORIZED),
  insufficient_scope: refused('Insufficient scope', 403, FORBIDDEN),
  origin_refused: refused('Origin not allowed', 403, FORBIDDEN),
  host_refused: refused('Host not allowed', 403, FORBIDDEN),
  tool_denied: deniedToolForms.unknown_tool,
  prompt_denied: unknownThing('Unknown prompt', invalidParams),
  resource_denied: unknownThing('Resource not found', { legacy: LEGACY_RESOURCE_NOT_FOUND, modern: INVALID_PARAMS }),
  completion_denied: unknownThing('Unknown reference', invalidParams),
  task_denied: unknownThing('Task not found', invalidParams),
  session_denied: {
    ...refused('Session not found', 404, LEGACY_SESSION_NOT_FOUND),
    isHidden: true,
  },
  method_denied: {
    ...refused('Method not found', 404, METHOD_NOT_FOUND),
    // Modern servers MUST answer 404; legacy ones answer 200, and never 403, on which clients give up connecting.
    legacy: { status: 200, code: METHOD_NOT_FOUND },
  },
  operation_denied: refused('Operation not allowed', 403, FORBIDDEN),
  unknown_operation: refused('Unknown operation', 404, METHOD_NOT_FOUND),
  subscription_inactive: toldInBody('Subscription not active', { status: 403, code: FORBIDDEN }),
  arguments_denied: toldInBody('Arguments not allowed', { status: 403, code: FORBIDDEN }),
  policy_denied: toldInBody('Denied by policy', { status: 403, code: FORBIDDEN }),
  // A tool whose definition changed must not show more than one that is not there.
  tool_quarantined: deniedToolForms.unknown_tool,
  rate_limited: refused('Rate limit reached', 429, TOO_MANY_REQUESTS),
  // Not 402: no client understands it.
  quota_exhausted: refused('Quota exhausted', 429, TOO_MANY_REQUESTS),
  concurrency_limited: refused('Too many calls at once', 429, TOO_MANY_REQUESTS),
  repeat_refused: refused('Repeated call refused', 429, TOO_MANY_REQUESTS),
  counter_unavailable: refused('Calls cannot be counted', 503, INTERNAL_ERROR),
  governance_unavailable: refused('Governance is unavailable', 503, INTERNAL_ERROR),
};

const limited = (reason: Reason): ReplyForm => toldToModel(replyForms[reason], 'mcp-governance/limit');
const explained = (reason: Reason): ReplyForm => toldToModel(replyForms[reason], 'mcp-governance/refusal');

/** `tools/call` refused by a counter. No SDK reads Retry-After or retries on 429; a result reaches the model. */
export const limitForms: Readonly<Partial<Record<Reason, ReplyForm>>> = {
  rate_limited: limited('rate_limited'),
  quota_exhausted: limited('quota_exhausted'),
  concurrency_limited: limited('concurrency_limited'),
  repeat_refused: limited('repeat_refused'),
};

/** `tools/call` refused for what it is about: the model can choose other arguments, or tell its user. */
export const explainedForms: Readonly<Partial<Record<Reason, ReplyForm>>> = {
  subscription_inactive: explained('subscription_inactive'),
  arguments_denied: explained('arguments_denied'),
  policy_denied: explained('policy_denied'),
};
