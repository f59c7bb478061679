import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** One person's second factor as the database keeps it. Times are milliseconds since the epoch. */
export interface SecondFactor {
  readonly user: string;
  /** The TOTP secret, sealed by `SecretBox`. */
  readonly sealedSecret: string;
  /** False until the person has shown one code of it. */
  readonly isConfirmed: boolean;
  /** Time step of the newest accepted code: that code and older ones are refused (RFC 6238 §5.2). */
  readonly lastStep: number;
  readonly failures: number;
  readonly lockedUntil: number;
  /** Hex SHA-256 of each unused recovery code. */
  readonly recoveryHashes: readonly string[];
}

export type SecondFactorRefusal = 'not_enrolled' | 'locked' | 'wrong_code' | 'used_code';

/** What to tell the person, with what to do. */
export const refusalSentences: Readonly<Record<SecondFactorRefusal, string>> = {
  not_enrolled:
    'Keys are guarded by a second factor, and you have none yet: set one up on "My applications and keys" first.',
  locked: 'Too many wrong codes: the second factor is locked for 15 minutes. Wait, or use a recovery code then.',
  wrong_code: 'The code is wrong: enter the six digits that your authenticator shows now, or a recovery code.',
  used_code: 'This code was used already: wait for the next one (a new code comes every 30 seconds).',
};

/** Five tries in 15 minutes leave a guesser 0.0015 % for a window of three six-digit codes. */
export const MAX_FAILURES = 5;
export const LOCK_MS = 15 * 60_000;
export const RECOVERY_CODES = 10;

export interface CodeCheck {
  readonly code: string;
  readonly now: number;
  /** Time step whose code this is, at most one step away from now; undefined for none. */
  readonly stepOf: (code: string) => number | undefined;
}

export interface CheckedCode {
  /** To be stored whatever the answer is: failures and used codes count. */
  readonly factor: SecondFactor;
  readonly refusal?: SecondFactorRefusal;
  readonly usedRecoveryCode: boolean;
}

/** Judges one code. Each code works once; a lock refuses right codes too, so that guessing cannot go on behind it. */
export const checkCode = (factor: SecondFactor, { code, now, stepOf }: CodeCheck): CheckedCode => {
  if (factor.lockedUntil > now) return { factor, refusal: 'locked', usedRecoveryCode: false };
  const given = code.replace(/[\s-]/g, '');
  const hash = factor.recoveryHashes.find((known) => isSameHash(known, hashOfRecoveryCode(given)));
  if (hash !== undefined && factor.isConfirmed)
    return {
      factor: unlocked({ ...factor, recoveryHashes: factor.recoveryHashes.filter((known) => known !== hash) }),
      usedRecoveryCode: true,
    };
  const step = /^\d{6}$/.test(given) ? stepOf(given) : undefined;
  if (step === undefined) return failed(factor, 'wrong_code', now);
  if (step <= factor.lastStep) return failed(factor, 'used_code', now);
  return { factor: unlocked({ ...factor, lastStep: step }), usedRecoveryCode: false };
};

const unlocked = (factor: SecondFactor): SecondFactor => ({ ...factor, failures: 0, lockedUntil: 0 });

const failed = (factor: SecondFactor, refusal: SecondFactorRefusal, now: number): CheckedCode => {
  const failures = factor.failures + 1;
  const isLocked = failures >= MAX_FAILURES;
  return {
    factor: { ...factor, failures: isLocked ? 0 : failures, lockedUntil: isLocked ? now + LOCK_MS : 0 },
    refusal: isLocked ? 'locked' : refusal,
    usedRecoveryCode: false,
  };
};

/** Ten codes of 50 random bits each, in two groups of five letters and digits that are not mistaken for each other. */
export const createRecoveryCodes = (random: (bytes: number) => Buffer = randomBytes): readonly string[] =>
  Array.from({ length: RECOVERY_CODES }, () => {
    const letters = [...random(10)].map((byte) => ALPHABET[byte % ALPHABET.length] ?? '');
    return `${letters.slice(0, 5).join('')}-${letters.slice(5).join('')}`;
  });

/** 32 characters, so that a byte modulo 32 is uniform; without 0, 1, l and o. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

export const hashOfRecoveryCode = (code: string): string =>
  createHash('sha256').update(code.replace(/[\s-]/g, '').toLowerCase()).digest('hex');

const isSameHash = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
