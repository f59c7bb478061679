/** Runs a task again and again, never twice at a time, and keeps no process alive. */
export interface Repeater {
  /** Runs the task now, or once more after the run under way; resolves when that run has ended. */
  run(): Promise<void>;
  /** Runs it soon: several wishes within the delay are one. */
  soon(delayMilliseconds: number): void;
  close(): Promise<void>;
}

/** The task must not reject. */
export const createRepeater = (
  task: () => Promise<void>,
  options: { readonly everyMilliseconds: number },
): Repeater => {
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const plan = (delay: number): void => {
    clearTimeout(timer);
    if (isClosed) return;
    timer = setTimeout(() => void run(), delay).unref();
  };
  const start = async (): Promise<void> => {
    await task();
    running = undefined;
    plan(options.everyMilliseconds);
  };
  const run = async (): Promise<void> => {
    if (isClosed) return;
    if (running === undefined) return (running = start());
    // What is under way may have looked before the change that this caller wants seen.
    waiting ??= running.then(() => {
      waiting = undefined;
      return run();
    });
    return waiting;
  };
  plan(options.everyMilliseconds);
  return {
    run,
    soon: (delay) => {
      if (running === undefined) plan(delay);
      else void run();
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
};
