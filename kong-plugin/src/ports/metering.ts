import type { NodePosition } from '../domain/records/invocation-event.ts';
import type { StoredRecord } from '../domain/records/stored-record.ts';
import type { SinkHealth } from './record-sink.ts';

/** Where a call stands in the node's sequence, and why that is not on the disk, if it is not. */
export interface Intended {
  readonly position: NodePosition;
  readonly problem?: string;
}

/**
 * Keeps records on the node's disk until the ledger has them. The contract:
 *
 * - Each governed request takes one sequence number, without gaps within a run: at its intent, or at its record.
 * - `intend` resolves when the record that is made of a call that never ends is on the disk, or with the reason why not. It
 *   never rejects.
 * - `append` accepts a record, at the position of its intent if there was one, and throws when there is no room for it: its
 *   number is then missing in the ledger, which says so.
 * - `health` costs nothing. While it is not ok records may get lost.
 * - `close` stores what was accepted.
 */
export interface Metering {
  intend(record: StoredRecord): Promise<Intended>;
  append(record: StoredRecord, position?: NodePosition): void;
  health(): SinkHealth;
  close(): Promise<void>;
}
