import type { Era } from '../call.ts';
import type { HttpRequest } from '../http-request.ts';

/**
 * Headers that mean nothing in the request's era and must not reach a server that believes them all the same: in the legacy
 * era nobody compared `Mcp-Method` and `Mcp-Name` with the body; in the modern era nobody checked whose session it is.
 */
export const strippedHeaders = (request: HttpRequest, era: Era): readonly string[] =>
  [...request.headers.keys()].filter((name) =>
    era === 'legacy' ? isModernOnly(name) || (isResumption(name) && request.method === 'POST') : isLegacyOnly(name),
  );

const isModernOnly = (name: string): boolean =>
  name === 'mcp-method' || name === 'mcp-name' || name.startsWith('mcp-param-');

const isResumption = (name: string): boolean => name === 'last-event-id';

const isLegacyOnly = (name: string): boolean => name === 'mcp-session-id' || isResumption(name);
