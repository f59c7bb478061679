import type { Call } from '../call.ts';
import type { JsonObject } from '../json/json-value.ts';
import type { Refusal } from '../refusal.ts';
import type { ReplyOptions } from '../server-config.ts';
import { boundedData } from './bounded-data.ts';
import { challengeFor } from './challenge.ts';
import { deniedToolForms, explainedForms, limitForms, replyForms, type ReplyForm } from './reply-forms.ts';
import { replyDetail, replyMessage, shortName } from './reply-message.ts';

export interface Reply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ReplyContext {
  readonly kind: 'mcp' | 'rest';
  /** What was asked for, when it could be read. */
  readonly call?: Call;
  readonly options: ReplyOptions;
  /** `WWW-Authenticate` of this server, without `error`. */
  readonly challenge?: string;
  /** `rateLimitHeaders` of the call's counters: lower-case names. */
  readonly rateLimit?: Readonly<Record<string, string>>;
}

/** What the caller sees of a refusal. */
export const renderRefusal = (refusal: Refusal, context: ReplyContext): Reply =>
  context.kind === 'rest' ? renderProblem(refusal, context) : renderJsonRpc(refusal, context);

const renderJsonRpc = (refusal: Refusal, context: ReplyContext): Reply => {
  const form = chooseForm(refusal, context);
  const wire = refusal.era === 'modern' ? form.modern : form.legacy;
  // A session is refused before anything of the message counts; SDK servers send no id either.
  const id = refusal.reason === 'session_denied' ? null : (refusal.id ?? null);
  const status = id === null ? form.withoutId : wire.status;
  const headers = { 'content-type': 'application/json', ...commonHeaders(refusal, { form, status, context }) };
  const data = errorData(refusal, { form, context });
  if (form.answer === 'tool_result' && id !== null) {
    return {
      status,
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id, result: toolError(refusal, { form, data }) }),
    };
  }
  const message = replyMessage(refusal, { form, ...(context.call === undefined ? {} : { call: context.call }) });
  const error = { code: wire.code, message, ...(data === undefined ? {} : { data }) };
  return { status, headers, body: JSON.stringify({ jsonrpc: '2.0', id, error }) };
};

/** Problem details (RFC 9457). */
const renderProblem = (refusal: Refusal, context: ReplyContext): Reply => {
  const form = chooseForm(refusal, context);
  const status = form.rest;
  const data = form.isHidden ? undefined : boundedData(refusal.data ?? {});
  const problem = {
    ...(data as JsonObject | undefined),
    type: form.isHidden ? 'about:blank' : `urn:mcp-governance:reason:${refusal.reason}`,
    title: form.title,
    status,
    ...(form.isHidden ? {} : { detail: replyDetail(refusal, form), reason: refusal.reason }),
  };
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...commonHeaders(refusal, { form, status, context }) },
    body: JSON.stringify(problem),
  };
};

const chooseForm = (refusal: Refusal, { call, options }: ReplyContext): ReplyForm => {
  if (refusal.reason === 'tool_denied' || refusal.reason === 'tool_quarantined')
    return deniedToolForms[options.deniedTool];
  // A GET or DELETE names no JSON-RPC method: it is the HTTP method that is not wanted, and 405 is silent in both SDKs.
  const isHttpMethod = call?.kind === 'stream' || call?.kind === 'session_end';
  if (refusal.reason === 'method_denied' && isHttpMethod) return replyForms.method_not_allowed;
  const limitForm = options.limitsAs === 'http429' ? undefined : limitForms[refusal.reason];
  const toolForm = call?.kind === 'tool' ? (limitForm ?? explainedForms[refusal.reason]) : undefined;
  return toolForm ?? replyForms[refusal.reason];
};

/** The result of a tool that failed. Without `resultType` the v2 client throws `INVALID_RESULT`; v1 ignores it. */
const toolError = (
  refusal: Refusal,
  { form, data }: { readonly form: ReplyForm; readonly data: JsonObject | undefined },
): JsonObject => ({
  content: [{ type: 'text', text: replyDetail(refusal, form) }],
  isError: true,
  resultType: 'complete',
  ...(form.meta === undefined || data === undefined ? {} : { _meta: { [form.meta]: data } }),
});

const errorData = (
  refusal: Refusal,
  { form, context }: { readonly form: ReplyForm; readonly context: ReplyContext },
): JsonObject | undefined => {
  if (refusal.reason === 'resource_denied') {
    // As a server without the resource would say it (2025-11-25 server/resources.mdx §Error Handling).
    return context.call?.kind === 'resource' ? { uri: shortName(context.call.uri) } : undefined;
  }
  if (form.isHidden) return undefined;
  return { ...(boundedData(refusal.data ?? {}) as JsonObject), reason: refusal.reason };
};

const commonHeaders = (
  refusal: Refusal,
  { form, status, context }: { readonly form: ReplyForm; readonly status: number; readonly context: ReplyContext },
): Readonly<Record<string, string>> => {
  const challenge = challengeFor(refusal.reason, context.challenge);
  const allow = status === 405 ? allowedMethods(refusal, context) : undefined;
  const retryAfter = form.isHidden ? undefined : retryAfterOf(refusal);
  return {
    ...(form.isHidden ? {} : context.rateLimit),
    // 404, 405 and 414 may be cached unless told otherwise (RFC 9111 §4.2.2), and the next caller may be allowed.
    'cache-control': 'no-store',
    ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
    ...(allow === undefined ? {} : { allow }),
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(form.isHidden ? {} : { 'x-mcp-governance-reason': refusal.reason }),
  };
};

/** Seconds, also on a 200: people and proxies read it, even though no SDK does. */
const retryAfterOf = ({ data }: Refusal): string | undefined => {
  const seconds = data?.['retry_after'];
  return typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds >= 0 ? String(seconds) : undefined;
};

/** A refusal that knows better says so in `data.allow`; modern servers take POST only. */
const allowedMethods = (refusal: Refusal, context: ReplyContext): string | undefined => {
  const allow = refusal.data?.['allow'];
  if (typeof allow === 'string' && /^[A-Z]+(?:, [A-Z]+)*$/.test(allow)) return allow;
  if (context.kind === 'rest') return undefined;
  if (refusal.era === 'modern') return 'POST';
  return context.call?.kind === 'stream' && refusal.reason !== 'resume_refused' ? 'POST, DELETE' : 'GET, POST, DELETE';
};
