import type { SnapshotIssue } from '../domain/snapshot/snapshot-issue.ts';
import type { Snapshot } from '../domain/snapshot/snapshot.ts';

/**
 * Where the policy comes from. The contract, proved by `policy-source.contract.ts`:
 *
 * - `current` costs nothing and may be asked for every request.
 * - A document is taken whole or not at all: while the last one offered is refused, the one before stays in force and
 *   `issues` says what is wrong. Issues go away with the next good document.
 * - A change is in force within two seconds, without a restart. Listeners hear of every change of snapshot or issues,
 *   after `current` has it; a listener that throws stops nothing and is reported as an issue.
 * - A source that never had a good document has no snapshot: its user refuses what depends on one.
 * - `refresh` looks for a change now and resolves when it has looked. It never rejects.
 * - After `close` nothing changes and no listener is called. Nothing here keeps a process alive.
 */
export interface PolicySource {
  current(): PolicyState;
  /** Returns what ends the subscription. */
  subscribe(listener: (state: PolicyState) => void): () => void;
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface PolicyState {
  readonly snapshot?: Snapshot;
  readonly revision?: string;
  /** When the snapshot came into force here; milliseconds since the epoch. */
  readonly loadedAt?: number;
  /** Of the last document offered; empty when that is the one in force. */
  readonly issues: readonly SnapshotIssue[];
  /** Since the source last confirmed that the snapshot is current; undefined without a snapshot. */
  ageSeconds(now: number): number | undefined;
  /** Older than the configured maximum age, or not there at all. */
  isStale(now: number): boolean;
}
