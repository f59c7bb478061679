import type { ParseArgsConfig } from 'node:util';
import type { Result } from '../domain/result.ts';
import type { CliFailure } from './failure.ts';
import type { Io } from './io.ts';
import type { Session } from './session.ts';

/** A command's answer. */
export interface Report {
  /** Somebody should look: exit code 1. */
  readonly hasFindings?: boolean;
  /** For people; no line break at the end. */
  readonly text: string;
  /** The same for programs. */
  readonly json: unknown;
}

export type Options = NonNullable<ParseArgsConfig['options']>;

export interface Arguments {
  readonly positionals: readonly string[];
  /** The last value of an option. */
  readonly option: (name: string) => string | undefined;
  /** Every value of an option that may be repeated. */
  readonly list: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
}

export type Outcome = Result<Report, CliFailure>;

interface Described {
  /** One or two words: `close`, `node add`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** After the name: `TENANT [options]`. */
  readonly usage: string;
  /** What it does, its options, and examples. */
  readonly help: string;
  readonly options: Options;
  readonly positionals: { readonly min: number; readonly max: number };
}

/** Works with the database (and Stripe, where configured). */
export interface SessionCommand extends Described {
  readonly needs: 'database';
  run(parameters: Arguments, session: Session, io: Io): Promise<Outcome>;
}

/** Opens what it needs itself. */
export interface PlainCommand extends Described {
  readonly needs: 'nothing';
  run(parameters: Arguments, io: Io): Promise<Outcome>;
}

export type Command = SessionCommand | PlainCommand;
