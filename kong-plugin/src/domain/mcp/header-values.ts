import type { HttpRequest } from '../http-request.ts';
import { headerValue } from '../http-request.ts';

/** A header's value without optional white space around it (RFC 9110 §5.5: parsing excludes it, but no other white space). */
export const trimmedHeader = (request: HttpRequest, name: string): string | undefined => {
  const value = headerValue(request, name);
  if (value === undefined) return undefined;
  // No regular expression: `[ \t]+$` takes quadratic time on a long run of spaces inside the value.
  let start = 0;
  let end = value.length;
  while (isBlank(value[start])) start += 1;
  while (end > start && isBlank(value[end - 1])) end -= 1;
  return value.slice(start, end);
};

const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\t';

const sentinelStart = '=?base64?';
const sentinelEnd = '?=';

/**
 * The text that an `Mcp-Name` value stands for: itself, or what its `=?base64?…?=` sentinel holds (SEP-2243 §Value Encoding).
 * Undefined for a sentinel whose content is not canonical padded Base64 of UTF-8: decoders differ on those.
 */
export const decodeMcpHeader = (value: string): string | undefined => {
  if (!value.startsWith(sentinelStart) || !value.endsWith(sentinelEnd)) return value;
  if (value.length < sentinelStart.length + sentinelEnd.length) return undefined;
  const encoded = value.slice(sentinelStart.length, -sentinelEnd.length);
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return undefined;
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
};

/** Does this name one of the headers that decide how an MCP server reads a request? */
export const isDecisiveMcpHeader = (name: string): boolean => name.startsWith('mcp-') || name === 'last-event-id';
