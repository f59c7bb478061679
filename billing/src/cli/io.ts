import type { Result } from '../domain/result.ts';
import type { Environment } from '../host/billing-settings.ts';

/** Everything the commands ask of the world besides the database and Stripe, so that they can be run in memory. */
export interface Io {
  /** Standard output: the answer. */
  readonly out: (text: string) => void;
  /** Standard error: why there is none, and progress. */
  readonly err: (text: string) => void;
  /** A person watches standard error. */
  readonly showsProgress: boolean;
  readonly environment: Environment;
  /** The file's text (`-` is standard input), or a sentence that says why it cannot be read. */
  readonly readFile: (file: string) => Result<string, string>;
  /** Writes the file whole or not at all; a sentence when it cannot. */
  readonly writeFile: (file: string, text: string) => Result<undefined, string>;
  readonly now: () => number;
  /** Aborted by Ctrl-C: what runs ends soon and leaves nothing half done. */
  readonly signal: AbortSignal;
}

/** What a shell script may rely on. */
export const exitCodes = {
  done: 0,
  findings: 1,
  misused: 2,
  misconfigured: 3,
  unavailable: 4,
  refused: 5,
  defect: 70,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeHelp = `Exit codes:
  0   done
  1   done, and somebody should look: differences, findings, something held
  2   the command or its arguments are wrong; nothing was done
  3   the configuration is wrong (environment, files); nothing was done
  4   the database or Stripe does not answer; try again
  5   refused: it would break a rule (already sealed, no such tenant, ...); nothing was changed
  70  a defect of this program`;
