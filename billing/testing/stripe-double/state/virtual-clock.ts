export interface ClockOptions {
  /** Where the double's time starts, epoch seconds. Default: the machine's time. */
  readonly startSeconds?: number;
  /** True: time also passes with the machine's. False (default): only `advance` moves it. */
  readonly running?: boolean;
}

/** The double's time, in whole epoch seconds. It never goes back. */
export class VirtualClock {
  readonly #running: boolean;
  readonly #startedAtMs = Date.now();
  #seconds: number;
  /** While due work is carried out, time stands at the moment that work was due. */
  #frozenAt: number | undefined;

  constructor({ startSeconds, running = false }: ClockOptions = {}) {
    this.#seconds = startSeconds ?? Math.floor(this.#startedAtMs / 1000);
    this.#running = running;
  }

  now(): number {
    if (this.#frozenAt !== undefined) return this.#frozenAt;
    return this.#seconds + (this.#running ? Math.floor((Date.now() - this.#startedAtMs) / 1000) : 0);
  }

  advance(seconds: number): void {
    if (!Number.isSafeInteger(seconds) || seconds < 0)
      throw new RangeError('the clock moves by whole seconds, forward');
    this.#seconds += seconds;
  }

  /** Runs `work` as if it were `seconds`: an invoice finalised by a long jump carries the hour at which it was due. */
  at<T>(seconds: number, work: () => T): T {
    const before = this.#frozenAt;
    this.#frozenAt = seconds;
    try {
      return work();
    } finally {
      this.#frozenAt = before;
    }
  }
}
