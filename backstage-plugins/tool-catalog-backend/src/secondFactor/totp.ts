import { Secret, TOTP } from 'otpauth';

const ISSUER = 'Tool catalog';
const PERIOD_SECONDS = 30;
/** 160 bits, as RFC 4226 §4 recommends. */
const SECRET_BYTES = 20;

/** Base32, as authenticators take it. */
export const createTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

const totpOf = (secret: string, user: string): TOTP =>
  new TOTP({ issuer: ISSUER, label: user, secret, algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS });

/** `otpauth://totp/...`, what the QR code holds. */
export const enrolmentUri = (secret: string, user: string): string => totpOf(secret, user).toString();

/** The time step whose code this is, one step of clock drift either way; undefined for a wrong code. */
export const stepOfCode = (
  code: string,
  { secret, now }: { readonly secret: string; readonly now: number },
): number | undefined => {
  const delta = totpOf(secret, '').validate({ token: code, timestamp: now, window: 1 });
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD_SECONDS) + delta;
};
