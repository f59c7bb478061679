import { Buffer } from 'node:buffer';
import { failure, success, type Result } from '../domain/result.ts';
import type { KongConsumer, RequestFacts } from '../pipeline/request-facts.ts';
import { PROTOCOL_VERSION, type GuardFacts } from './guard-protocol.ts';

/** Why the guard's facts cannot be used; each is a sentence for the operator. */
export const factProblems = {
  missing:
    'mcp-guard is not installed on this node: add it to KONG_PLUGINS and KONG_LUA_PACKAGE_PATH (kong-plugin/README.md, "Install"). Until then every governed request is refused.',
  version: 'mcp-guard on this node speaks another version of the protocol: install the one that came with this plugin.',
  uncovered:
    'mcp-guard is not enabled on this route or its service: add `- name: mcp-guard` beside mcp-governance. Until then every governed request is refused.',
  malformed: 'mcp-guard answered something unreadable: install the one that came with this plugin.',
} as const;

/** Turns what the guard says into request facts; refuses to guess. */
export const readGuardFacts = (raw: unknown): Result<RequestFacts, string> => {
  if (raw === undefined || raw === null) return failure(factProblems.missing);
  const table = unpack(raw);
  if (!isTable(table) || table.v !== PROTOCOL_VERSION) return failure(factProblems.version);
  if (table.covered !== true) return failure(factProblems.uncovered);
  const facts = table as unknown as GuardFacts;
  if (typeof facts.method !== 'string' || typeof facts.path !== 'string' || typeof facts.request_id !== 'string')
    return failure(factProblems.malformed);
  const consumer = readConsumer(facts.consumer);
  return success({
    request: {
      method: facts.method,
      path: facts.path,
      query: facts.query ?? '',
      headers: readHeaders(facts.headers),
      body: Buffer.from(facts.body ?? '', 'base64'),
    },
    requestId: facts.request_id,
    startedAt: facts.started_at,
    isAnonymous: isAnonymous(consumer, facts.headers),
    groups: listOf(facts.groups),
    ...(unreadable(facts) === undefined ? {} : { unreadable: unreadable(facts) }),
    ...(consumer === undefined ? {} : { consumer }),
    ...(facts.credential_id === undefined ? {} : { credentialId: facts.credential_id }),
    ...(facts.groups_error === undefined ? {} : { groupsUnknown: true }),
    ...(facts.token === undefined ? {} : { token: facts.token }),
  } as RequestFacts);
};

const unpack = (raw: unknown): unknown => {
  const [text, body] = Array.isArray(raw) ? (raw as readonly unknown[]) : [];
  if (typeof text !== 'string') return undefined;
  return Object.assign(JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as object, { body });
};

const unreadable = (facts: GuardFacts): RequestFacts['unreadable'] =>
  facts.headers_truncated === true ? 'too_many_headers' : facts.body_error;

export const readHeaders = (headers: unknown): ReadonlyMap<string, readonly string[]> =>
  new Map(
    isTable(headers) ? Object.entries(headers).map(([name, values]) => [name.toLowerCase(), listOf(values)]) : [],
  );

/** Kong's consumer entity (id, username, custom_id, tags), or undefined when nobody was authenticated. */
export const readConsumer = (raw: unknown): KongConsumer | undefined => {
  if (!isTable(raw) || typeof raw.id !== 'string') return undefined;
  return {
    id: raw.id,
    tags: listOf(raw.tags),
    ...(typeof raw.username === 'string' ? { username: raw.username } : {}),
    ...(typeof raw.custom_id === 'string' ? { customId: raw.custom_id } : {}),
  };
};

/**
 * Kong's auth plugins set `X-Anonymous-Consumer: true` when they fall back to their anonymous consumer and clear it
 * when somebody proved who he is; a client that sends it can only lower himself.
 */
export const isAnonymous = (consumer: KongConsumer | undefined, headers: unknown): boolean =>
  consumer === undefined || (isTable(headers) && listOf(headers['x-anonymous-consumer']).includes('true'));

const listOf = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : typeof value === 'string'
      ? [value]
      : [];

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
