import { parseSnapshot } from '../../config/parse-snapshot.ts';
import { failure, type Result } from '../../domain/result.ts';
import { describeIssue, type SnapshotIssue } from '../../domain/snapshot/snapshot-issue.ts';
import type { Snapshot } from '../../domain/snapshot/snapshot.ts';
import type { Problem } from '../problem.ts';

/** Reads a policy document as the plugin does; its issues become problems of the file. */
export const parsePolicy = (text: string, at: Omit<Problem, 'problem'>): Result<Snapshot, readonly Problem[]> => {
  const snapshot = parseSnapshot(text);
  return snapshot.ok ? snapshot : failure(snapshot.error.map((issue) => toProblem(issue, at)));
};

export const toProblem = ({ path, ...issue }: SnapshotIssue, at: Omit<Problem, 'problem'>): Problem => {
  const [, line, problem = issue.problem] = /^Line (\d+): (.*)$/s.exec(issue.problem) ?? [];
  // An inline document has lines of its own, which are not those of the file.
  const isWhole = at.path === undefined;
  const paths = [at.path, path === '' ? undefined : path].filter((part) => part !== undefined);
  return {
    ...at,
    ...(line === undefined || !isWhole ? {} : { line: Number(line) }),
    ...(paths.length === 0 ? {} : { path: paths.join(': ') }),
    problem: describeIssue({ ...issue, path: '', problem: isWhole ? problem : issue.problem }),
  };
};
