const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** A server may ask for patience, but a broken header must not stop a node for a day. */
const LONGEST_ASKED_MS = 600_000;

export interface BackoffOptions {
  /** Failures in a row before this one. */
  readonly attempt: number;
  /** From 0 to 1. */
  readonly random: number;
  /** What the server asked for. */
  readonly retryAfterMs?: number | undefined;
}

/** Exponential from 1 s to 60 s with full jitter, so that many nodes do not come back at once; never before the server asked. */
export const backoffMs = ({ attempt, random, retryAfterMs = 0 }: BackoffOptions): number => {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.max(Math.ceil(random * ceiling), Math.min(retryAfterMs, LONGEST_ASKED_MS));
};
