/** What is wrong with a policy document, or worth a look, where it is, and what to write instead. */
export interface SnapshotIssue {
  /** `rules[3].when[0].at_most`, counted from 0; empty for the document itself. */
  readonly path: string;
  readonly problem: string;
  readonly suggestion?: string;
}

/** One line for a log or a terminal. */
export const describeIssue = ({ path, problem, suggestion }: SnapshotIssue): string =>
  `${path === '' ? '' : `${path}: `}${problem}${suggestion === undefined ? '' : ` ${suggestion}`}`;
