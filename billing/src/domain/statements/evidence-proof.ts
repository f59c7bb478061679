import { bucketSha256, evidenceRoot, type EvidenceBucket, type EvidenceEntry } from './evidence.ts';
import type { Day } from '../calendar/day.ts';

/**
 * That a call is billed by a sealed line, to be checked without the ledger: the calls of its day and outcome hash to a bucket,
 * the buckets of the line hash to its root, and the root stands in the text that the seal covers.
 */
export interface EvidenceProof {
  /** UUID of the call. */
  readonly id: string;
  readonly day: Day;
  readonly outcome: string;
  /** Every call of that day and outcome, the one in question among them. */
  readonly entries: readonly EvidenceEntry[];
  /** Every bucket of the line. */
  readonly buckets: readonly EvidenceBucket[];
  /** As the sealed statement says. */
  readonly evidenceSha256: string;
}

/** Undefined when the proof holds; else the first step that does not. */
export const findProofFault = (proof: EvidenceProof): string | undefined => {
  const { id, day, outcome, entries, buckets, evidenceSha256 } = proof;
  if (!entries.some((entry) => entry.id === id)) return `${id} is not among the ${outcome} calls of ${day}.`;
  const bucket = buckets.find((one) => one.day === day && one.outcome === outcome);
  if (bucket === undefined) return `The line has no ${outcome} calls on ${day}.`;
  if (BigInt(entries.length) !== bucket.count || bucketSha256(entries) !== bucket.sha256)
    return `The ${outcome} calls of ${day} are not those that were sealed.`;
  return evidenceRoot(buckets) === evidenceSha256 ? undefined : 'The buckets of the line do not make its root.';
};
