// What was started ends with this process, also when the process is told to stop in the middle of a step.

const stops = new Set();
let stopping;

/** Registers how to end something; the returned function forgets it, for what has ended by itself. */
export function endWithUs(stop) {
  stops.add(stop);
  return () => stops.delete(stop);
}

/** Ends everything, what was started last first; whoever asks again waits for the same end. */
export function stopEverything() {
  stopping ??= (async () => {
    for (const stop of [...stops].reverse()) await stop();
  })();
  return stopping;
}

/** From then on, steps that fail do so because they were told to end. */
export const isStopping = () => stopping !== undefined;

/**
 * Signals, and the end of the process that started this one. Not once: one Ctrl-C comes from the terminal and from npm, and the
 * second would end this process before what it started.
 */
export function stopOnSignals() {
  const stop = () => void stopEverything().then(() => process.exit(0));
  process.on('SIGINT', stop).on('SIGTERM', stop).once('disconnect', stop);
}
