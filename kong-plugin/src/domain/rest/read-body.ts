import { isIdentityEncoded, isUtf8Charset, parseMediaType } from '../http/media-type.ts';
import type { ReadingProblem } from '../http/reading-problem.ts';
import { unreadable } from '../http/reading-problem.ts';
import type { HttpRequest } from '../http-request.ts';
import { headerValue } from '../http-request.ts';
import type { JsonValue } from '../json/json-value.ts';
import { readJson } from '../json/read-json.ts';
import type { Result } from '../result.ts';
import { success } from '../result.ts';
import type { ReaderLimits } from '../server-config.ts';

/** The JSON body; undefined when there is none, or one of another type, which passes unread. */
export const readBody = (request: HttpRequest, limits: ReaderLimits): Result<JsonValue | undefined, ReadingProblem> => {
  if (request.body.length > limits.maxBodyBytes) {
    return unreadable('too_large', `Send at most ${limits.maxBodyBytes} bytes.`);
  }
  const mediaType = parseMediaType(headerValue(request, 'content-type') ?? '');
  if (request.body.length === 0 || !isJson(mediaType.essence)) return success(undefined);
  if (!isIdentityEncoded(request)) return unreadable('unsupported_encoding', 'Send JSON without Content-Encoding.');
  if (!isUtf8Charset(mediaType.charset)) return unreadable('unsupported_media_type', 'Send JSON in UTF-8.');
  const json = readJson(request.body, limits);
  return json.ok ? success(json.value.value) : json;
};

const isJson = (essence: string): boolean => /^application\/(json|[^\s/]+\+json)$|^text\/json$/.test(essence);
