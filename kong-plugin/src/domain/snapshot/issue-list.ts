import type { SnapshotIssue } from './snapshot-issue.ts';

/** A place in the document; written out only when something is wrong there. */
export interface Place {
  readonly parent?: Place;
  readonly key: string | number;
}

/** Issues that are told apart; a document that is wrong everywhere needs no million sentences. */
const MAX_ISSUES = 1_000;

export interface IssueList {
  add(place: Place | undefined, problem: string, suggestion?: string): void;
  /** How many were added, told apart or not. */
  count(): number;
  all(): readonly SnapshotIssue[];
}

export const createIssueList = (): IssueList => {
  const issues: SnapshotIssue[] = [];
  let count = 0;
  return {
    add: (place, problem, suggestion) => {
      count += 1;
      if (count > MAX_ISSUES) return;
      issues.push({ path: pathOf(place), problem, ...(suggestion === undefined ? {} : { suggestion }) });
    },
    count: () => count,
    all: () =>
      count > MAX_ISSUES ? [...issues, { path: '', problem: `There are ${count - MAX_ISSUES} more issues.` }] : issues,
  };
};

export const within = (parent: Place | undefined, key: string | number): Place =>
  parent === undefined ? { key } : { parent, key };

export const pathOf = (place: Place | undefined): string => {
  if (place === undefined) return '';
  const before = pathOf(place.parent);
  if (typeof place.key === 'number') return `${before}[${place.key}]`;
  const key = /^[A-Za-z0-9_-]{1,64}$/.test(place.key) ? place.key : JSON.stringify(place.key.slice(0, 64));
  return before === '' ? key : `${before}.${key}`;
};
