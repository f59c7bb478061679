import type { Result } from '../domain/result.ts';
import type { PeekCounters } from './live/counter-source.ts';

/** Everything the commands ask of the world, so that they can be run in memory. */
export interface Io {
  /** Standard output: the answer. */
  readonly out: (text: string) => void;
  /** Standard error: why there is none. */
  readonly err: (text: string) => void;
  /** The file's text, or a sentence that says why it cannot be read. */
  readonly readFile: (file: string) => Result<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly environment: (name: string) => string | undefined;
  readonly peekCounters: PeekCounters;
}

/** 0: nothing to say. 1: findings, differences, or denied. 2: the question or its files could not be read. */
export type ExitCode = 0 | 1 | 2;
