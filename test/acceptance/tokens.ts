import { createHmac, generateKeyPairSync, sign } from 'node:crypto';

export interface TokenIssuer {
  readonly algorithm: 'RS256' | 'HS256';
  /** Fields of the Kong credential that verifies the tokens. */
  readonly credential: Readonly<Record<string, string>>;
  /** A signed JWT. */
  issue(claims: Readonly<Record<string, unknown>>): string;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const jwt = (algorithm: string, claims: object, signed: (text: string) => Buffer): string => {
  const text = `${part({ alg: algorithm, typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${signed(text).toString('base64url')}`;
};

export const rs256 = (): TokenIssuer => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    algorithm: 'RS256',
    credential: { rsa_public_key: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    issue: (claims) => jwt('RS256', claims, (text) => sign('sha256', Buffer.from(text), privateKey)),
  };
};

export const hs256 = (): TokenIssuer => {
  const secret = 'a secret that only this test and its gateway know';
  return {
    algorithm: 'HS256',
    credential: { secret },
    issue: (claims) => jwt('HS256', claims, (text) => createHmac('sha256', secret).update(text).digest()),
  };
};
