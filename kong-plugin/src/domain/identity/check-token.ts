import { Buffer } from 'node:buffer';
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../json/json-value.ts';
import type { Refusal } from '../refusal.ts';
import { failure, success, type Result } from '../result.ts';
import type { OauthOptions } from '../server-config.ts';

/** What a checked token says. */
export interface TokenClaims {
  readonly issuer: string;
  readonly subject?: string;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/** Longest token that is read; nginx takes no longer header line than 8 KiB unless told otherwise. */
const MAX_TOKEN_LENGTH = 16_384;

/** How far the issuer's clock may be ahead of ours before its `nbf` refuses a token just issued. */
const CLOCK_SKEW_SECONDS = 30;

/**
 * Checks what Kong's jwt plugin does not: issuer and audience, and that the token expires at all. The signature was
 * checked by Kong; this function must see no other token.
 */
export const checkToken = (token: string, oauth: OauthOptions, nowSeconds: number): Result<TokenClaims, Refusal> => {
  const payload = readPayload(token);
  const claims = payload === undefined ? undefined : readClaims(payload);
  if (payload === undefined || claims === undefined) return invalid('The bearer token is not a well-formed JWT.');
  if (!oauth.issuers.includes(claims.issuer))
    return invalid('The token comes from an issuer that is not accepted here.');
  if (!claims.audiences.some((audience) => audience === oauth.resource || oauth.audiences.includes(audience)))
    return invalid(`The token was issued for another audience: request one for ${oauth.resource}`);
  if (nowSeconds >= claims.expiresAt) return invalid('The token has expired.');
  const notBefore = ownValue(payload, 'nbf');
  if (notBefore !== undefined && !(typeof notBefore === 'number' && notBefore <= nowSeconds + CLOCK_SKEW_SECONDS))
    return invalid('The token is not valid yet.');
  return success(claims);
};

const invalid = (detail: string): Result<never, Refusal> => failure({ reason: 'invalid_token', detail });

const readPayload = (token: string): JsonObject | undefined => {
  const [, payload, ...rest] = token.split('.', 4);
  if (token.length > MAX_TOKEN_LENGTH || payload === undefined || rest.length !== 1) return undefined;
  if (!/^[A-Za-z0-9_-]+$/.test(payload)) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(payload, 'base64url'));
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Undefined when a claim is missing or has the wrong type. `exp` is required: a token for ever cannot be taken back. */
const readClaims = (payload: JsonObject): TokenClaims | undefined => {
  const issuer = ownValue(payload, 'iss');
  const subject = ownValue(payload, 'sub');
  const audiences = readList(ownValue(payload, 'aud'), 'whole');
  const scopes = readList(ownValue(payload, 'scope') ?? ownValue(payload, 'scp') ?? [], 'words');
  const expiresAt = ownValue(payload, 'exp');
  if (typeof issuer !== 'string' || typeof expiresAt !== 'number') return undefined;
  if (subject !== undefined && typeof subject !== 'string') return undefined;
  if (audiences === undefined || scopes === undefined) return undefined;
  return { issuer, audiences, scopes, expiresAt, ...(subject === undefined ? {} : { subject }) };
};

/** A string or a list of strings; `words`: a string is a list separated by spaces (RFC 8693 `scope`, others' `scp`). */
const readList = (value: JsonValue | undefined, form: 'whole' | 'words'): readonly string[] | undefined => {
  if (typeof value === 'string') return form === 'whole' ? [value] : value.split(' ').filter((word) => word !== '');
  if (!Array.isArray(value)) return undefined;
  const items: readonly JsonValue[] = value;
  const strings = items.filter((item) => typeof item === 'string');
  return strings.length === items.length ? strings : undefined;
};
