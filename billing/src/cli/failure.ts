import { describeIssue, type Issue } from '../domain/issue.ts';
import { failure } from '../domain/result.ts';
import { exitCodes, type ExitCode } from './io.ts';

/** Why a command has no answer, in one sentence with the fix. */
export interface CliFailure {
  readonly kind: 'misused' | 'misconfigured' | 'unavailable' | 'refused';
  readonly message: string;
  /** Every single thing that is wrong, where it is more than one. */
  readonly issues?: readonly string[];
}

export const exitCodeOf = ({ kind }: CliFailure): ExitCode => exitCodes[kind];

export const refused = (message: string, issues?: readonly string[]) =>
  failure<CliFailure>({ kind: 'refused', message, ...(issues === undefined ? {} : { issues }) });

export const misused = (message: string) => failure<CliFailure>({ kind: 'misused', message });

export const misconfigured = (issue: Issue) =>
  failure<CliFailure>({ kind: 'misconfigured', message: describeIssue(issue) });

export const unavailable = (message: string) => failure<CliFailure>({ kind: 'unavailable', message });
