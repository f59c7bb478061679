import type { SecondFactorStore } from '../database/SecondFactorStore';
import type { SecretBox } from './SecretBox';
import {
  checkCode,
  createRecoveryCodes,
  hashOfRecoveryCode,
  type CheckedCode,
  type SecondFactor,
  type SecondFactorRefusal,
} from './secondFactor';
import { createTotpSecret, enrolmentUri, stepOfCode } from './totp';

export interface Enrolment {
  /** For the QR code, and to be typed in by hand. Shown once. */
  readonly uri: string;
  readonly secret: string;
  /** Shown once; their hashes are kept. */
  readonly recoveryCodes: readonly string[];
}

export interface SecondFactorStatus {
  readonly isEnrolled: boolean;
  readonly recoveryCodesLeft: number;
  /** Milliseconds since the epoch; absent when not locked. */
  readonly lockedUntil?: number;
}

export interface SecondFactorOptions {
  readonly store: SecondFactorStore;
  readonly box: SecretBox;
  readonly now: () => number;
}

/** A fresh second factor of a person, asked for before anything is done to a key. Every code works once. */
export class SecondFactorService {
  constructor(private readonly options: SecondFactorOptions) {}

  async status(user: string): Promise<SecondFactorStatus> {
    const factor = await this.options.store.find(user);
    if (factor?.isConfirmed !== true) return { isEnrolled: false, recoveryCodesLeft: 0 };
    return {
      isEnrolled: true,
      recoveryCodesLeft: factor.recoveryHashes.length,
      ...(factor.lockedUntil > this.options.now() ? { lockedUntil: factor.lockedUntil } : {}),
    };
  }

  /** Undefined where the person has a confirmed one: it is reset first, with a code of it. */
  async enrol(user: string): Promise<Enrolment | undefined> {
    const { store, box, now } = this.options;
    const secret = createTotpSecret();
    const recoveryCodes = createRecoveryCodes();
    const isKept = await store.enrol(
      {
        user,
        sealedSecret: box.seal(secret, contextOf(user)),
        isConfirmed: false,
        lastStep: 0,
        failures: 0,
        lockedUntil: 0,
        recoveryHashes: recoveryCodes.map(hashOfRecoveryCode),
      },
      now(),
    );
    return isKept ? { uri: enrolmentUri(secret, user), secret, recoveryCodes } : undefined;
  }

  /** The first code proves that the authenticator has the secret; from then on the factor counts. */
  async confirm(user: string, code: string): Promise<SecondFactorRefusal | undefined> {
    return this.judge(user, code, (checked) =>
      checked.refusal === undefined ? { ...checked, factor: { ...checked.factor, isConfirmed: true } } : checked,
    );
  }

  /** Refuses unless `code` is fresh and right; undefined is a yes. */
  async check(user: string, code: string | undefined): Promise<SecondFactorRefusal | undefined> {
    const factor = await this.options.store.find(user);
    if (factor?.isConfirmed !== true) return 'not_enrolled';
    return this.judge(user, code ?? '', (checked) => checked);
  }

  /** Removes the factor, after one more code of it or a recovery code. */
  async reset(user: string, code: string): Promise<SecondFactorRefusal | undefined> {
    const refusal = await this.check(user, code);
    if (refusal === undefined) await this.options.store.remove(user);
    return refusal;
  }

  private async judge(
    user: string,
    code: string,
    then: (checked: CheckedCode) => CheckedCode,
  ): Promise<SecondFactorRefusal | undefined> {
    const { store, now } = this.options;
    const answer = await store.change(user, (factor) => {
      const checked = then(checkCode(factor, { code, now: now(), stepOf: (text) => this.stepOf(factor, text) }));
      return { factor: checked.factor, answer: { refusal: checked.refusal } };
    });
    return answer === undefined ? 'not_enrolled' : answer.refusal;
  }

  private stepOf(factor: SecondFactor, code: string): number | undefined {
    const { box, now } = this.options;
    return stepOfCode(code, { secret: box.open(factor.sealedSecret, contextOf(factor.user)), now: now() });
  }
}

/** A sealed secret that is copied to another person's row does not open there. */
const contextOf = (user: string): string => `totp:${user}`;
