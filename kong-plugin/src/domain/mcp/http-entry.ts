import { checkHeaders } from '../http/ambiguous-headers.ts';
import { isIdentityEncoded, isUtf8Charset, parseMediaType } from '../http/media-type.ts';
import type { ReadingProblem } from '../http/reading-problem.ts';
import { quoted, unreadable } from '../http/reading-problem.ts';
import type { HttpRequest } from '../http-request.ts';
import { headerValue } from '../http-request.ts';
import type { Result } from '../result.ts';
import { success } from '../result.ts';
import type { ReaderLimits } from '../server-config.ts';
import { isDecisiveMcpHeader } from './header-values.ts';

type Check = Result<undefined, ReadingProblem>;

/** Everything about an MCP request that is known before its body is read (facts: §2 validation 1 and 2). */
export const checkHttpEntry = (request: HttpRequest, limits: ReaderLimits): Check => {
  if (request.method !== 'POST' && request.method !== 'GET' && request.method !== 'DELETE') {
    return unreadable('method_not_allowed', 'An MCP endpoint takes POST, GET and DELETE.');
  }
  if (upgradesConnection(request)) return unreadable('upgrade_refused', 'Send the request without Upgrade.');
  const headers = checkHeaders(request, { isDecisive: isDecisiveMcpHeader });
  if (!headers.ok) return headers;
  return request.method === 'POST' ? checkPost(request, limits) : checkBodyless(request);
};

const checkBodyless = (request: HttpRequest): Check =>
  request.body.length === 0
    ? success(undefined)
    : unreadable('invalid_message', `${request.method} carries no body on an MCP endpoint.`);

const checkPost = (request: HttpRequest, limits: ReaderLimits): Check => {
  if (!isIdentityEncoded(request)) {
    return unreadable('unsupported_encoding', 'Send the body without Content-Encoding.');
  }
  const contentType = checkContentType(headerValue(request, 'content-type') ?? '');
  if (!contentType.ok) return contentType;
  if (!acceptsBothForms(headerValue(request, 'accept') ?? '')) {
    return unreadable('not_acceptable', `Send Accept: ${USUAL_ACCEPT}.`);
  }
  if (request.body.length > limits.maxBodyBytes) {
    return unreadable('too_large', `Send at most ${limits.maxBodyBytes} bytes.`);
  }
  return success(undefined);
};

/** What the SDKs send: compared first, because parsing header values takes longer than the rest of this file together. */
const USUAL_CONTENT_TYPE = 'application/json';
const USUAL_ACCEPT = 'application/json, text/event-stream';

const checkContentType = (value: string): Check => {
  if (value === USUAL_CONTENT_TYPE) return success(undefined);
  const { essence, charset, hasOtherParameters } = parseMediaType(value);
  if (essence !== USUAL_CONTENT_TYPE || hasOtherParameters) {
    return unreadable('unsupported_media_type', `Send Content-Type: ${USUAL_CONTENT_TYPE}.`);
  }
  if (isUtf8Charset(charset)) return success(undefined);
  return unreadable('unsupported_media_type', `Send UTF-8, not charset ${quoted(charset ?? '')}.`);
};

/** The server chooses between JSON and a stream, so that the client must take both. */
const acceptsBothForms = (accept: string): boolean => {
  if (accept === USUAL_ACCEPT) return true;
  const ranges = new Set(accept.split(',').map((range) => parseMediaType(range).essence));
  const accepts = (type: string, subtype: string): boolean =>
    ranges.has(`${type}/${subtype}`) || ranges.has(`${type}/*`) || ranges.has('*/*');
  return accepts('application', 'json') && accepts('text', 'event-stream');
};

/**
 * Kong stops buffering an upgraded connection, and a list filter would be skipped. `h2c` alone is harmless: Kong ignores
 * it, and Java's HTTP client sends it with every request over plain HTTP.
 */
const upgradesConnection = (request: HttpRequest): boolean => {
  const values = request.headers.get('upgrade') ?? [];
  return values.length > 1 || values.some((value) => value.toLowerCase() !== 'h2c');
};
