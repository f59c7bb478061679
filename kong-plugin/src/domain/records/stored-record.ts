import type { InvocationRecord } from './invocation-record.ts';

/** A record as files and ledgers keep it. */
export interface StoredRecord extends Pick<InvocationRecord, 'id' | 'occurredAt' | 'server' | 'outcome'> {
  /** The whole record. */
  readonly json: string;
}

export const toStored = (record: InvocationRecord): StoredRecord => {
  const { id, occurredAt, server, outcome } = record;
  return { id, occurredAt, server, outcome, json: JSON.stringify(record) };
};

/** For whoever needs more of it than its sinks do. */
export const recordIn = ({ json }: StoredRecord): InvocationRecord => JSON.parse(json) as InvocationRecord;
