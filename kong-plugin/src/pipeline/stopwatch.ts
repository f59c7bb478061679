/** Steps of the decision whose time operators see; the host has its own before and after. */
export type TimedStep = 'read' | 'judge' | 'opa' | 'take';

/** Runs a step and notes how long it took; what it gives or throws is passed on. */
export type Stopwatch = <Value>(step: TimedStep, run: () => Value) => Value;
