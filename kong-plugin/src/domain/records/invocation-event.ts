import type { InvocationRecord } from './invocation-record.ts';

/** Changes when a reader of version 1 could misread a record; a new optional field changes nothing. */
export const INVOCATION_EVENT_TYPE = 'io.mcp-governance.invocation.v1';

/** `source` is this and the node's id. */
export const NODE_SOURCE_PREFIX = 'urn:mcp-governance:node:';

/** Where a node sends its batches, below the configured address. */
export const INVOCATIONS_PATH = '/v1/invocations';

/** Media type of a batch: one event a line. */
export const INVOCATION_BATCH_TYPE = 'application/x-ndjson';

/** Most events of one batch. */
export const MAX_BATCH_EVENTS = 1_000;

/** Most bytes of one batch before compression; a batch of one event may be larger. */
export const MAX_BATCH_BYTES = 1_048_576;

/** A record has at most 16 KiB (`build-record.ts`); the envelope adds some 300 bytes. */
export const MAX_EVENT_BYTES = 17_408;

/** What a node may be called: it is part of a file name and of a URN. */
export const NODE_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** One run of one plugin server: milliseconds of its start, then 32 random bits, in hex. Sorts by time. */
export const NODE_EPOCH_PATTERN = /^[0-9a-f]{20}$/;

/** Ids of events are those of their records (`record-id.ts`): UUIDs in the layout of version 7. */
export const EVENT_ID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Which record of a node an event is. Sequences have no gaps within an epoch, so a missing one is a lost record. */
export interface NodePosition {
  readonly nodeId: string;
  readonly epoch: string;
  /** From 1. CloudEvents keeps integers within 32 bits, which a node of 1,000 calls/s leaves after 24 days: read it as a JSON number. */
  readonly sequence: number;
}

/**
 * A record on its way to the ledger: a CloudEvents 1.0 envelope in JSON format. The same record has the same `id` however
 * often it is sent, and a receiver counts an id once, for ever.
 */
export interface InvocationEvent {
  readonly specversion: '1.0';
  readonly id: string;
  /** `urn:mcp-governance:node:<node id>`. */
  readonly source: string;
  readonly type: typeof INVOCATION_EVENT_TYPE;
  /** The record's `occurredAt`. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly nodeepoch: string;
  readonly nodesequence: number;
  readonly data: InvocationRecord;
}

/** Answer of 200 to a batch: everything in it is durably dealt with, and the three add up to its events. */
export interface InvocationReceipt {
  readonly accepted: number;
  /** Known before, and not counted again. */
  readonly duplicate: number;
  /** Kept aside by the receiver because they can never be accepted. */
  readonly quarantined: readonly { readonly id: string; readonly reason: string }[];
}

/** Where an intent never settled: nobody knows what became of the call. */
export const NOT_SETTLED = { outcome: 'unknown', why: 'not_settled' } as const;

export const toInvocationEvent = (record: InvocationRecord, position: NodePosition): InvocationEvent => ({
  specversion: '1.0',
  id: record.id,
  source: `${NODE_SOURCE_PREFIX}${position.nodeId}`,
  type: INVOCATION_EVENT_TYPE,
  time: record.occurredAt,
  datacontenttype: 'application/json',
  nodeepoch: position.epoch,
  nodesequence: position.sequence,
  data: record,
});

/** Id of the node that sent an event; undefined for a source that is no node. */
export const nodeIdOf = (source: string): string | undefined => {
  const nodeId = source.startsWith(NODE_SOURCE_PREFIX) ? source.slice(NODE_SOURCE_PREFIX.length) : '';
  return NODE_ID_PATTERN.test(nodeId) ? nodeId : undefined;
};
