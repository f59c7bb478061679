import type { Problem } from '../problem.ts';

/** `error`: Kong or the plugin refuses the file, or a call gets past governance. `warning`: probably not what was meant. */
export type Severity = 'error' | 'warning';

export interface Finding extends Problem {
  readonly severity: Severity;
}

export const errorAt = (place: Omit<Problem, 'problem'>, problem: string): Finding => ({
  ...place,
  severity: 'error',
  problem,
});

export const warningAt = (place: Omit<Problem, 'problem'>, problem: string): Finding => ({
  ...place,
  severity: 'warning',
  problem,
});
