import type { StoredRecord } from '../domain/records/stored-record.ts';

/**
 * Takes the records of governed requests, in the order of `append`. The contract:
 *
 * - `append` returns once the record is accepted, not once it is stored. A record that cannot be accepted (bound
 *   reached, sink closed) throws: nothing is lost silently.
 * - An accepted record is stored once, or stays queued and is tried again. After a crash it may be stored twice or not
 *   at all; readers compare `record.id`, which is the same for every attempt.
 * - `flush` resolves when everything accepted so far is stored, and rejects when it is not.
 * - `close` flushes, then frees what the sink holds. A second `close` does nothing.
 * - `health` costs nothing and may be asked for every request: while it is not ok, a call that must be recorded should
 *   be refused.
 */
export interface RecordSink {
  append(record: StoredRecord): void;
  flush(): Promise<void>;
  close(): Promise<void>;
  health(): SinkHealth;
  /** While it is not yet known whether anything can be stored; `health` tells when it resolves. */
  readonly opening?: Promise<void> | undefined;
}

export type SinkHealth = { readonly ok: true } | { readonly ok: false; readonly why: string };
