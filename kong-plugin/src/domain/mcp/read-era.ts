import type { Era } from '../call.ts';
import type { ReadingProblem } from '../http/reading-problem.ts';
import { quoted, unreadable } from '../http/reading-problem.ts';
import type { HttpRequest } from '../http-request.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { isJsonObject, ownValue } from '../json/json-value.ts';
import type { Result } from '../result.ts';
import { success } from '../result.ts';
import type { Envelope } from './envelope.ts';
import { decodeMcpHeader, trimmedHeader } from './header-values.ts';
import { MODERN_VERSION, isModernVersion, legacyVersions, modernVersions } from './protocol-versions.ts';

export interface EraReading {
  readonly era: Era;
  readonly protocolVersion?: string;
}

const VERSION_HEADER = 'mcp-protocol-version';
const VERSION_CLAIM = 'io.modelcontextprotocol/protocolVersion';

/**
 * The body's claim decides the era, as it does in the SDK's servers; the headers only have to agree with it. Nothing is ever
 * read from `Mcp-Method` or `Mcp-Name`: a dual-era server runs the body's tool whatever they say.
 */
export const readEra = (envelope: Envelope, request: HttpRequest): Result<EraReading, ReadingProblem> => {
  const version = trimmedHeader(request, VERSION_HEADER);
  if (envelope.kind === 'response') return readUnclaimed(envelope, { version, request });
  const meta = ownValue(envelope.parameters, '_meta');
  if (meta !== undefined && !isJsonObject(meta)) {
    return unreadable('invalid_parameters', '"params._meta" must be an object.');
  }
  const claim = meta === undefined ? undefined : ownValue(meta, VERSION_CLAIM);
  if (claim === undefined) return readUnclaimed(envelope, { version, request });
  if (typeof claim !== 'string') {
    return unreadable('invalid_parameters', `"params._meta[${VERSION_CLAIM}]" must be a string.`);
  }
  return readClaimed(envelope, { claim, version, request });
};

/** A guess for refusals of what could not be read to the end, so that they take the form which the sender expects. */
export const guessEra = (request: HttpRequest, body?: JsonValue): Era | undefined => {
  const version = trimmedHeader(request, VERSION_HEADER);
  if (version !== undefined && isModernVersion(version)) return 'modern';
  if (body === undefined) return undefined;
  const parameters = isJsonObject(body) ? ownValue(body, 'params') : undefined;
  const meta = isJsonObject(parameters) ? ownValue(parameters, '_meta') : undefined;
  return isJsonObject(meta) && Object.hasOwn(meta, VERSION_CLAIM) ? 'modern' : 'legacy';
};

/** Refuses a version header that names no legacy revision; for messages that claim nothing, and for GET and DELETE. */
export const checkLegacyVersion = (version: string | undefined): Result<EraReading, ReadingProblem> => {
  if (version === undefined) return success({ era: 'legacy' });
  if (legacyVersions.includes(version)) return success({ era: 'legacy', protocolVersion: version });
  return unsupportedVersion(version, legacyVersions);
};

const unsupportedVersion = (requested: string, supported: readonly string[]) =>
  unreadable('unsupported_version', `Unsupported protocol version: ${quoted(requested)}.`, {
    data: { supported, requested: requested.slice(0, 64) },
  });

const readUnclaimed = (
  envelope: Envelope,
  { version, request }: { readonly version: string | undefined; readonly request: HttpRequest },
): Result<EraReading, ReadingProblem> => {
  if (version === undefined || !isModernVersion(version)) return checkLegacyVersion(version);
  if (envelope.kind === 'response') {
    return unreadable('invalid_message', `Responses are not posted in protocol version ${MODERN_VERSION}.`);
  }
  if (envelope.method === 'initialize') {
    return unreadable('header_mismatch', `initialize does not exist in the version that MCP-Protocol-Version names.`);
  }
  if (envelope.kind === 'request') {
    return unreadable('invalid_parameters', `"params._meta[${VERSION_CLAIM}]" is missing.`);
  }
  // Notifications need no claim: the header alone places them.
  if (version !== MODERN_VERSION) return unsupportedVersion(version, modernVersions);
  return checkMethodHeader(envelope, request) ?? success({ era: 'modern', protocolVersion: version });
};

const readClaimed = (
  envelope: Exclude<Envelope, { kind: 'response' }>,
  {
    claim,
    version,
    request,
  }: { readonly claim: string; readonly version: string | undefined; readonly request: HttpRequest },
): Result<EraReading, ReadingProblem> => {
  if (version !== claim) return mismatch('MCP-Protocol-Version', version);
  if (claim !== MODERN_VERSION) return unsupportedVersion(claim, modernVersions);
  const problem = checkMethodHeader(envelope, request) ?? checkNameHeader(envelope, request);
  return problem ?? success({ era: 'modern', protocolVersion: claim });
};

const mismatch = (header: string, value: string | undefined) =>
  unreadable(
    'header_mismatch',
    value === undefined ? `The header ${header} is missing.` : `The header ${header} differs from the body.`,
  );

type Mismatch = ReturnType<typeof mismatch>;

const checkMethodHeader = (
  envelope: Exclude<Envelope, { kind: 'response' }>,
  request: HttpRequest,
): Mismatch | undefined => {
  const header = trimmedHeader(request, 'mcp-method');
  if (header === undefined && envelope.kind === 'notification') return undefined;
  return header === envelope.method ? undefined : mismatch('Mcp-Method', header);
};

/** The methods whose subject `Mcp-Name` repeats, and where the body has it (SEP-2243, SEP-2663). */
const namedBy: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

const checkNameHeader = (
  envelope: { readonly method: string; readonly parameters: JsonObject },
  request: HttpRequest,
): Mismatch | undefined => {
  const field = namedBy.get(envelope.method);
  if (field === undefined) return undefined;
  const header = trimmedHeader(request, 'mcp-name');
  if (header === undefined) return mismatch('Mcp-Name', header);
  return decodeMcpHeader(header) === ownValue(envelope.parameters, field) ? undefined : mismatch('Mcp-Name', header);
};
