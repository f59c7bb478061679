import type { Call, Era, JsonRpcId, Message } from '../call.ts';
import { optionalFields } from '../defined-fields.ts';
import type { ReadingProblem } from '../http/reading-problem.ts';
import { unreadable } from '../http/reading-problem.ts';
import { traceParentHeader } from '../http/trace-parent.ts';
import type { HttpRequest } from '../http-request.ts';
import { readJson } from '../json/read-json.ts';
import type { Refusal } from '../refusal.ts';
import type { Result } from '../result.ts';
import { failure, success } from '../result.ts';
import type { McpOptions, ReaderLimits } from '../server-config.ts';
import { readEnvelope, readableId } from './envelope.ts';
import { trimmedHeader } from './header-values.ts';
import { checkHttpEntry } from './http-entry.ts';
import { isModernVersion } from './protocol-versions.ts';
import type { EraReading } from './read-era.ts';
import { checkLegacyVersion, guessEra, readEra } from './read-era.ts';
import { readCall } from './read-call.ts';
import { readSelfReported } from './self-reported.ts';
import { strippedHeaders } from './stripped-headers.ts';

export interface ReadMcpOptions {
  readonly limits: ReaderLimits;
  readonly mcp: McpOptions;
}

/**
 * Reads one request to an MCP endpoint, or refuses it: what passes is read the same way by every server behind the gateway.
 * The body decides, headers only have to agree, and whatever two parsers could read differently is refused.
 */
export const readMcpMessage = (request: HttpRequest, options: ReadMcpOptions): Result<Message, Refusal> => {
  const entry = checkHttpEntry(request, options.limits);
  if (!entry.ok) return refuse(entry.error, { ...owedAnswer(request), era: guessEra(request) });
  return request.method === 'POST' ? readPost(request, options) : readStreamRequest(request);
};

const readPost = (request: HttpRequest, options: ReadMcpOptions): Result<Message, Refusal> => {
  const json = readJson(request.body, options.limits);
  if (!json.ok) return refuse(json.error, { id: null, era: guessEra(request) });
  const body = json.value.value;
  const sender = { id: readableId(body) ?? null, era: guessEra(request, body) };
  const envelope = readEnvelope(body);
  if (!envelope.ok) return refuse(envelope.error, sender);
  const era = readEra(envelope.value, request);
  if (!era.ok) return refuse(era.error, sender);
  const call = readCall(envelope.value, { era: era.value.era, mcp: options.mcp });
  if (!call.ok) return refuse(call.error, sender);
  const { traceparent, client } = readSelfReported(envelope.value, request);
  const id = envelope.value.kind === 'request' ? envelope.value.id : undefined;
  return success(toMessage(request, { reading: era.value, call: call.value, id, traceparent, client }));
};

/** GET opens or resumes the stream of a session, DELETE ends the session: both exist in the legacy era only. */
const readStreamRequest = (request: HttpRequest): Result<Message, Refusal> => {
  const version = trimmedHeader(request, 'mcp-protocol-version');
  const sender = { era: guessEra(request) ?? 'legacy' };
  if (version !== undefined && isModernVersion(version)) {
    return refuse(modernStreamProblem(request.method).error, sender);
  }
  const era = checkLegacyVersion(version);
  if (!era.ok) return refuse(era.error, sender);
  const call: Call = { kind: request.method === 'GET' ? 'stream' : 'session_end', method: request.method };
  return success(toMessage(request, { reading: era.value, call, traceparent: traceParentHeader(request) }));
};

const modernStreamProblem = (method: string) =>
  unreadable('method_not_allowed', `${method} does not exist in the protocol version that MCP-Protocol-Version names.`);

interface MessageParts {
  readonly reading: EraReading;
  readonly call: Call;
  readonly id?: JsonRpcId | undefined;
  readonly traceparent: string | undefined;
  readonly client?: Message['client'];
}

/** Field by field: joining the parts took as long as reading them. */
const toMessage = (request: HttpRequest, { reading, call, id, traceparent, client }: MessageParts): Message => {
  const { era, protocolVersion } = reading;
  return optionalFields({
    era,
    protocolVersion,
    sessionId: era === 'legacy' ? trimmedHeader(request, 'mcp-session-id') : undefined,
    headersToStrip: strippedHeaders(request, era),
    traceparent,
    client,
    call,
    id,
    isResumed: request.method === 'GET' && request.headers.has('last-event-id'),
  });
};

/** A POST is owed a JSON-RPC answer, though with id null as long as its body is unread; GET and DELETE are not. */
const owedAnswer = (request: HttpRequest): { readonly id?: null } => (request.method === 'POST' ? { id: null } : {});

const refuse = (
  problem: ReadingProblem,
  sender: { readonly id?: JsonRpcId | null; readonly era?: Era | undefined },
): Result<Message, Refusal> => {
  const { era, ...rest } = sender;
  return failure({ ...problem, ...rest, ...(era === undefined ? {} : { era }) });
};
