import { createHash } from 'node:crypto';
import { canonicalJson } from '../json/canonical-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts';
import { failure, success, type Result } from '../result.ts';
import { checkReferences } from './check-references.ts';
import type { CheckedDocument } from './checked-document.ts';
import { createIssueList } from './issue-list.ts';
import { policyDocument } from './policy-document.ts';
import { readShape } from './read-shape.ts';
import type { SnapshotIssue } from './snapshot-issue.ts';
import type { Snapshot } from './snapshot.ts';
import { toSnapshot } from './to-snapshot.ts';

/** Tools' schemas are the deepest part; requests themselves are read to the same depth. */
const MAX_DEPTH = 64;

/**
 * Reads a policy document, or lists everything that is wrong with it. A document is taken whole or not at all: half a
 * policy would allow or refuse what nobody decided.
 */
export const readSnapshot = (document: JsonValue): Result<Snapshot, readonly SnapshotIssue[]> => {
  const unusable = findUnusable(document);
  if (unusable !== undefined) return failure([{ path: '', problem: unusable }]);
  const issues = createIssueList();
  const checked = readShape(document, policyDocument, { at: undefined, issues });
  if (isJsonObject(document)) checkReferences(document, issues);
  if (!isJsonObject(checked) || issues.count() > 0) return failure(issues.all());
  const read = checked as unknown as CheckedDocument;
  return success(toSnapshot(read, read.revision ?? digest(document)));
};

const digest = (document: JsonValue): string => createHash('sha256').update(canonicalJson(document)).digest('hex');

/** What must not be walked recursively, hashed or compared. Without recursion itself, for the same reason. */
const findUnusable = (document: JsonValue): string | undefined => {
  let level: JsonValue[] = [document];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `Nested more than ${MAX_DEPTH} levels deep.`;
    const next: JsonValue[] = [];
    for (const value of level) {
      if (typeof value === 'number' && !Number.isFinite(value)) return 'Holds a number that JSON cannot write.';
      if (typeof value === 'object' && value !== null)
        for (const child of Object.values(value as JsonObject)) next.push(child);
    }
    level = next;
  }
  return undefined;
};
