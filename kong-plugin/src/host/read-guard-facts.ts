import { Buffer } from 'node:buffer';
import { optionalFields } from '../domain/defined-fields.ts';
import { isTable } from '../domain/json/table.ts';
import { oncePerObject } from '../domain/once-per-object.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { KongConsumer, RequestFacts } from '../pipeline/request-facts.ts';
import { readFactLines } from './fact-lines.ts';
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

/** What `plugin.Judge` brings: the facts as text (`fact-lines.ts`), and the request's body, both as bytes. */
export interface ToldFacts {
  readonly text: Uint8Array;
  readonly body: Uint8Array;
}

/** Turns what `facts` answers into request facts; refuses to guess. */
export const readGuardFacts = (raw: unknown): Result<RequestFacts, string> => {
  if (raw === undefined || raw === null) return failure(factProblems.missing);
  const [text, body] = Array.isArray(raw) ? (raw as readonly unknown[]) : [];
  if (typeof text !== 'string') return failure(factProblems.version);
  return readToldFacts({
    text: Buffer.from(text, 'base64'),
    body: Buffer.from(typeof body === 'string' ? body : '', 'base64'),
  });
};

/** The same of what came with `plugin.Judge`. What is no UTF-8 is replaced, and cannot be taken for a line's end or for JSON's syntax. */
export const readToldFacts = ({ text, body }: ToldFacts): Result<RequestFacts, string> => {
  const facts = readFactLines(Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8'));
  if (facts?.v !== PROTOCOL_VERSION) return failure(factProblems.version);
  if (!facts.covered) return failure(factProblems.uncovered);
  if (facts.method === '' || facts.path === '' || facts.request_id === '') return failure(factProblems.malformed);
  return success(toRequestFacts(facts, body));
};

const toRequestFacts = (facts: GuardFacts, body: Uint8Array): RequestFacts => {
  const consumer = facts.consumer && consumerOf(facts.consumer).consumer;
  return optionalFields({
    request: {
      method: facts.method,
      path: facts.path,
      query: facts.query ?? '',
      headers: readHeaders(facts.headers),
      body,
    },
    requestId: facts.request_id,
    startedAt: facts.started_at,
    isAnonymous: isAnonymous(consumer, facts.headers),
    groups: facts.groups === undefined ? noGroups : groupsOf(facts.groups),
    unreadable: unreadable(facts),
    consumer,
    credentialId: facts.credential_id,
    // Also of a consumer whose groups nobody asked for: the policy may have come to need them since.
    groupsUnknown: consumer !== undefined && facts.groups === undefined ? true : undefined,
    token: facts.token,
  });
};

const noGroups: readonly string[] = [];

/** One object for all requests of a consumer, as the guard's text of him is one (`fact-lines.ts`). */
const consumerOf = oncePerObject((told: object) => ({ consumer: readConsumer(told) }));
const groupsOf = oncePerObject((told: object) => listOf(told));

const unreadable = (facts: GuardFacts): RequestFacts['unreadable'] =>
  facts.headers_truncated === true ? 'too_many_headers' : facts.body_error;

export const readHeaders = (headers: unknown): ReadonlyMap<string, readonly string[]> => {
  const read = new Map<string, readonly string[]>();
  if (isTable(headers)) for (const name of Object.keys(headers)) read.set(name.toLowerCase(), listOf(headers[name]));
  return read;
};

/** Kong's consumer entity (id, username, custom_id, tags), or undefined when nobody was authenticated. */
export const readConsumer = (raw: unknown): KongConsumer | undefined => {
  if (!isTable(raw) || typeof raw.id !== 'string') return undefined;
  return optionalFields({
    id: raw.id,
    tags: listOf(raw.tags),
    username: textOf(raw.username),
    customId: textOf(raw.custom_id),
  });
};

/**
 * Kong's auth plugins set `X-Anonymous-Consumer: true` when they fall back to their anonymous consumer and clear it
 * when somebody proved who he is; a client that sends it can only lower himself.
 */
export const isAnonymous = (consumer: KongConsumer | undefined, headers: unknown): boolean =>
  consumer === undefined || (isTable(headers) && listOf(headers['x-anonymous-consumer']).includes('true'));

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const listOf = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : typeof value === 'string'
      ? [value]
      : [];
