/** What is wrong with something a person or a program gave us, where it is, and what to write instead. */
export interface Issue {
  /** `prices[3].tiers[0].up_to`, counted from 0; empty for the whole. */
  readonly path: string;
  readonly problem: string;
  readonly suggestion?: string;
}

/** One line for a log or a terminal. */
export const describeIssue = ({ path, problem, suggestion }: Issue): string =>
  `${path === '' ? '' : `${path}: `}${problem}${suggestion === undefined ? '' : ` ${suggestion}`}`;
