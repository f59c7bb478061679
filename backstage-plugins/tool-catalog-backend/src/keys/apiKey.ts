import { createHash, randomBytes } from 'node:crypto';

/** 32 random bytes: twice the 128 bits that a key must have at least. */
const KEY_BYTES = 32;

/** As much of a key as lists show: enough to recognise it, useless for calling. */
const PREFIX_LENGTH = 8;

export interface NewKey {
  /** Shown once, never stored here. */
  readonly secret: string;
  readonly prefix: string;
  /** Hex SHA-256 of the secret. A random key of 256 bits needs no salt and no slow hash. */
  readonly hash: string;
}

export const createApiKey = (random: (bytes: number) => Buffer = randomBytes): NewKey => {
  const secret = `mk_${random(KEY_BYTES).toString('base64url')}`;
  return { secret, prefix: secret.slice(0, PREFIX_LENGTH), hash: hashOfKey(secret) };
};

export const hashOfKey = (secret: string): string => createHash('sha256').update(secret).digest('hex');
