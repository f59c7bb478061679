/** What is started and ended with the process. */
export interface Closable {
  close(): Promise<unknown>;
}

export interface Lifetime {
  /** Starts something that ends with everything else; rejects once the end has begun. */
  start<T extends Closable>(starter: () => T | Promise<T>): Promise<T>;
  /** Ends everything, what was started last first; whoever asks again waits for the same end. */
  end(): Promise<void>;
  readonly isEnding: boolean;
}

/** Nothing is left behind: what is half started when the end is asked for is waited for, and ended. */
export const createLifetime = (): Lifetime => {
  const started: Closable[] = [];
  let starting: Promise<unknown> = Promise.resolve();
  let ending: Promise<void> | undefined;

  const endAll = async (): Promise<void> => {
    await starting;
    const ends: PromiseSettledResult<unknown>[] = [];
    for (const closable of started.reverse()) ends.push(...(await Promise.allSettled([closable.close()])));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };

  return {
    start: async (starter) => {
      if (ending !== undefined) throw new Error('Stopped while it was starting.');
      const next = Promise.resolve(starter()).then((closable) => {
        started.push(closable);
        return closable;
      });
      starting = next.catch(() => undefined);
      return next;
    },
    end: () => (ending ??= endAll()),
    get isEnding() {
      return ending !== undefined;
    },
  };
};
