import type { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';

/** As many characters as 128 random bits have in hexadecimal: guessing needs no rate limit. */
export const MIN_TOKEN_LENGTH = 32;

/** Compares digests, which have one length whatever was sent: the time says nothing about the token. */
export const createTokenCheck = (token: string): ((authorization: string | undefined) => boolean) => {
  const expected = digest(token);
  return (authorization) => {
    const [, sent] = /^bearer +([\x21-\x7E]+)$/i.exec(authorization ?? '') ?? [];
    return timingSafeEqual(digest(sent ?? ''), expected) && sent !== undefined;
  };
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
