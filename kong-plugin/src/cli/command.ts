import type { ParseArgsConfig } from 'node:util';
import type { Result } from '../domain/result.ts';
import type { Io } from './io.ts';
import type { Problem } from './problem.ts';

/** A command's answer. */
export interface Report {
  /** Findings, differences or a denial: exit code 1. */
  readonly hasFindings: boolean;
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

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** After the name: `TOOL [options]`. */
  readonly usage: string;
  readonly help: string;
  readonly options: Options;
  readonly positionals: { readonly min: number; readonly max: number };
  /** A promise only where something outside of the files is asked. */
  run(parameters: Arguments, io: Io): Outcome | Promise<Outcome>;
}

export type Outcome = Result<Report, readonly Problem[]>;
