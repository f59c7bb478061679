import { Buffer } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../caller.ts';
import { ownerKey } from '../identity/owner-key.ts';

/**
 * Binds `Mcp-Session-Id` to the caller who opened the session, without a store, so that any number of nodes agree:
 * the guard appends a tag to the id that the server issued, and only the same caller's key verifies it.
 *
 *     <id of the server>.<base64url, no padding, of HMAC-SHA1(key, id of the server)>
 *     key = lower-case hex of HMAC-SHA256(secret, ownerKey(caller)), used as text
 *
 * SHA-1 because `ngx.hmac_sha1` is what plain OpenResty has; HMAC does not depend on the collisions found in it.
 * `session-vectors.json` holds examples for both sides.
 */
export type SessionBinding = { readonly bound: true; readonly upstreamId: string } | { readonly bound: false };

/** Session ids are visible ASCII (MCP streamable HTTP, Session Management); longer ones than this nobody issues. */
const MAX_SESSION_ID_LENGTH = 1024;

export const sessionKey = (secret: string, caller: Caller): string =>
  createHmac('sha256', secret).update(ownerKey(caller)).digest('hex');

/** What the guard does to the id that the server issued. */
export const signSession = (upstreamId: string, key: string): string => `${upstreamId}.${tagOf(upstreamId, key)}`;

/** What the client sent, taken apart at its last `.`; not bound when it is another caller's, or nobody's. */
export const verifySession = (clientSessionId: string, key: string): SessionBinding => {
  const dot = clientSessionId.lastIndexOf('.');
  if (dot < 1 || clientSessionId.length > MAX_SESSION_ID_LENGTH || !/^[\x21-\x7E]+$/.test(clientSessionId))
    return { bound: false };
  const upstreamId = clientSessionId.slice(0, dot);
  return equalTexts(clientSessionId.slice(dot + 1), tagOf(upstreamId, key))
    ? { bound: true, upstreamId }
    : { bound: false };
};

const tagOf = (upstreamId: string, key: string): string =>
  createHmac('sha1', key).update(upstreamId).digest('base64url');

/** Compared as text: base64url decoders accept several spellings of the same bytes. */
const equalTexts = (left: string, right: string): boolean => {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
};
