import { createHash } from 'node:crypto';
import type { Day } from '../calendar/day.ts';

/**
 * The invocations of one tenant, tool, outcome and day. Two levels, because they are what makes both ends cheap: a closed
 * day is hashed once and a month's line only hashes its days, and a sampled invocation is verified with its own bucket (some
 * tens or thousands of ids) and the hashes of the others.
 */
export interface EvidenceBucket {
  readonly day: Day;
  readonly outcome: string;
  readonly count: bigint;
  /** Hex SHA-256, as `bucketSha256` makes it. */
  readonly sha256: string;
}

export interface EvidenceEntry {
  /** The invocation's UUID. */
  readonly id: string;
  /** Hex SHA-256 of the record as it was received. */
  readonly contentSha256: string;
}

/** 16 bytes of the id and 32 of the content's hash for each invocation, in the order of ids. SQL computes the same. */
export const bucketSha256 = (entries: readonly EvidenceEntry[]): string => {
  const sorted = [...entries].sort((left, right) => (left.id < right.id ? -1 : 1));
  const hash = createHash('sha256');
  for (const { id, contentSha256 } of sorted) {
    hash.update(id.replaceAll('-', ''), 'hex');
    hash.update(contentSha256, 'hex');
  }
  return hash.digest('hex');
};

/** Hex SHA-256 over the line's buckets; undefined when it has none. */
export const evidenceRoot = (buckets: readonly EvidenceBucket[]): string | undefined => {
  if (buckets.length === 0) return undefined;
  const rows = buckets
    .map(({ day, outcome, count, sha256 }) => JSON.stringify([day, outcome, count.toString(), sha256]))
    .sort();
  return createHash('sha256').update('mcp-governance.evidence.v1\n').update(rows.join('\n')).digest('hex');
};
