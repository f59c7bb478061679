import { createHmac, createPublicKey, timingSafeEqual, verify, constants, type KeyObject } from 'node:crypto';
import type { JwtSecret } from '../declarative-config/entities.ts';

export interface Token {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Uint8Array;
}

const algorithms = new Set('HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512 PS256 PS384 PS512 EdDSA'.split(' '));

/** The parts of a JWT, or what is wrong with it in Kong's words. */
export const parseToken = (text: string): Token | string => {
  const [header64 = '', claims64 = '', ...rest] = text.split('.');
  const header = parsePart(header64);
  const claims = parsePart(claims64);
  if (header === undefined || claims === undefined) return 'invalid JSON';
  if (typeof header['alg'] !== 'string' || !algorithms.has(header['alg'])) return 'invalid alg';
  if (rest.length === 0) return 'invalid signature';
  return { header, claims, signed: `${header64}.${claims64}`, signature: Buffer.from(rest.join('.'), 'base64url') };
};

const parsePart = (part: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** The signature's problem in Kong's words; undefined when it is good. The algorithm is the credential's, never the token's. */
export const verifySignature = (token: Token, credential: JwtSecret, isBase64: boolean): string | undefined => {
  const { algorithm } = credential;
  const isGood = algorithm.startsWith('HS')
    ? verifySecret(
        token,
        algorithm,
        isBase64 ? Buffer.from(credential.secret, 'base64url') : Buffer.from(credential.secret),
      )
    : verifyPublic(token, algorithm, credential.rsa_public_key);
  if (isGood === undefined) return 'Invalid key/secret';
  return isGood ? undefined : 'Invalid signature';
};

const verifySecret = (token: Token, algorithm: string, secret: Uint8Array): boolean => {
  const expected = createHmac(`sha${algorithm.slice(2)}`, secret)
    .update(token.signed)
    .digest();
  return expected.length === token.signature.length && timingSafeEqual(expected, token.signature);
};

const verifyPublic = (token: Token, algorithm: string, pem: string | null): boolean | undefined => {
  if (pem === null) return undefined;
  const key = createPublicKey(pem);
  const data = Buffer.from(token.signed);
  if (algorithm === 'EdDSA') return verify(null, data, key, token.signature);
  return verify(`sha${algorithm.slice(2)}`, data, withPadding(key, algorithm), token.signature);
};

const withPadding = (key: KeyObject, algorithm: string): Parameters<typeof verify>[2] => {
  if (algorithm.startsWith('ES')) return { key, dsaEncoding: 'ieee-p1363' };
  return algorithm.startsWith('PS')
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
    : { key };
};

export interface ClaimOptions {
  readonly verify: readonly string[];
  /** 0: none. */
  readonly maximumSeconds: number;
  readonly nowSeconds: number;
}

/** Kong's errors by claim; undefined when all hold. */
export const checkClaims = (
  claims: Token['claims'],
  { verify: names, maximumSeconds, nowSeconds }: ClaimOptions,
): Readonly<Record<string, string>> | undefined => {
  const errors: Record<string, string> = {};
  for (const name of names) {
    const value = claims[name];
    if (typeof value !== 'number') errors[name] = 'must be a number';
    else if (name === 'exp' && value <= nowSeconds) errors[name] = 'token expired';
    else if (name === 'nbf' && value > nowSeconds) errors[name] = 'token not valid yet';
  }
  const { exp } = claims;
  if (
    Object.keys(errors).length === 0 &&
    maximumSeconds > 0 &&
    typeof exp === 'number' &&
    exp - nowSeconds > maximumSeconds
  )
    errors['exp'] = 'exceeds maximum allowed expiration';
  return Object.keys(errors).length === 0 ? undefined : errors;
};
