import { StripeFailure } from '../state/stripe-failure.ts';

export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
}

interface Remembered {
  readonly fingerprint: string;
  readonly at: number;
  answer?: Answer;
}

/** v1 keys "may be removed after at least 24 hours": the double forgets exactly then, so that nothing leans on them longer. */
const forgetSeconds = { v1: 24 * 3600, v2: 30 * 24 * 3600 };
const keyLength = 255;

/** Answers given under an `Idempotency-Key`, so that a retry replays instead of acting again. */
export class IdempotencyKeys {
  readonly #remembered = new Map<string, Remembered>();

  /** The remembered answer; else claims the key until `settle` or `release`. */
  claim(key: string, fingerprint: string, { now, version }: { now: number; version: 'v1' | 'v2' }): Answer | undefined {
    if (key.length > keyLength) {
      throw failure(400, `Idempotency keys may be at most ${keyLength} characters long.`);
    }
    const known = this.#remembered.get(key);
    if (!known || now - known.at >= forgetSeconds[version]) {
      this.#remembered.set(key, { fingerprint, at: now });
      return undefined;
    }
    if (known.fingerprint !== fingerprint) {
      throw failure(
        400,
        `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      );
    }
    if (!known.answer) {
      throw failure(
        409,
        `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
        'idempotency_key_in_use',
      );
    }
    return known.answer;
  }

  settle(key: string, answer: Answer): void {
    const known = this.#remembered.get(key);
    if (known) known.answer = answer;
  }

  /** Nothing was begun (the parameters did not validate): the key is free again. */
  release(key: string): void {
    this.#remembered.delete(key);
  }
}

function failure(status: number, message: string, code?: string): StripeFailure {
  return new StripeFailure(status, { type: 'idempotency_error', message, ...(code !== undefined && { code }) });
}
