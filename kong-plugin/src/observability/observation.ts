import type { StoreHealth } from '../ports/counter-store.ts';
import type { InvocationReceipt } from '../domain/records/invocation-event.ts';
import type { StoredRecord } from '../domain/records/stored-record.ts';
import type { PinState } from '../domain/pins/pinned-tool.ts';
import type { Reason } from '../domain/reason.ts';

/** The steps of one governed request, in order. `facts` and `outcome` are round trips to Kong, `opa` and `take` may ask a server. */
export const stages = ['facts', 'read', 'judge', 'opa', 'take', 'describe', 'intent', 'outcome', 'record'] as const;
export type Stage = (typeof stages)[number];

/** What the gateway leans on and may lose. */
export const stores = ['counters', 'records', 'spool', 'pins', 'opa', 'task_owners'] as const;
export type StoreName = (typeof stores)[number];

export const snapshotSources = ['inline', 'file', 'url'] as const;
export type SnapshotSourceKind = (typeof snapshotSources)[number];

/**
 * Everything that can be observed in the plugin, in one closed union. Whoever sees something happen says it here and does not
 * ask who listens: metrics and logs decide what they show.
 */
export type Observation =
  | DecisionMade
  | ShadowDenied
  | StageTimed
  | StoreHealthSeen
  | LimitBypassed
  | SnapshotLoaded
  | SnapshotConfirmed
  | SnapshotSeen
  | SnapshotRefused
  | SnapshotUnavailable
  | RecordWritten
  | RecordFailed
  | RecordQueueSeen
  | SpoolCommitted
  | SpoolSeen
  | SpoolUnrecorded
  | SpoolUnsettled
  | SpoolDamaged
  | SpoolNoted
  | EventsShipped
  | EventSetAside
  | ShippingFailed
  | GuardRefused
  | ListWithheld
  | OpaAnswered
  | PinsListed
  | PinChanged
  | EventTableSeen;

export type ObservationKind = Observation['kind'];
export type ObservationOf<Kind extends ObservationKind> = Extract<Observation, { readonly kind: Kind }>;

/** Takes an observation. It never throws and never waits: observing must not change what is observed. */
export type Observe = (observation: Observation) => void;

/** A request was decided, by a policy or before any was asked. `reason` is there for every denial. */
export interface DecisionMade {
  readonly kind: 'decision_made';
  readonly server: string;
  readonly effect: 'allow' | 'deny';
  readonly reason?: Reason;
  readonly tool?: string;
}

/** A rule or limit in shadow mode would have refused the call. */
export interface ShadowDenied {
  readonly kind: 'shadow_denied';
  readonly server: string;
  readonly reason: Reason;
  readonly rule: string;
  readonly tool?: string;
}

/** One step of one request took this long. */
export interface StageTimed {
  readonly kind: 'stage_timed';
  readonly stage: Stage;
  readonly seconds: number;
}

/** How a store is, whether it changed or not. `why` is a sentence for the operator. */
export type StoreHealthSeen = { readonly kind: 'store_health_seen'; readonly store: StoreName } & StoreHealth;

/** The counter store was away and the limit says `whenStoreDown: allow`: the call passed uncounted. */
export interface LimitBypassed {
  readonly kind: 'limit_bypassed';
  readonly server: string;
  readonly rule: string;
}

interface SnapshotPlace {
  readonly source: SnapshotSourceKind;
  /** File, or URL without its credentials; it tells two snapshots of one source apart. */
  readonly location: string;
}

/** A snapshot was accepted and is in force. */
export interface SnapshotLoaded extends SnapshotPlace {
  readonly kind: 'snapshot_loaded';
  readonly revision: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The source says that the snapshot in force is still the newest (unchanged file, HTTP 304). */
export interface SnapshotConfirmed extends SnapshotPlace {
  readonly kind: 'snapshot_confirmed';
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The snapshot in force, as a state to sample: nothing was read. */
export interface SnapshotSeen extends SnapshotPlace {
  readonly kind: 'snapshot_seen';
  /** When its source last confirmed it; milliseconds since the epoch. */
  readonly confirmedAt: number;
}

/** A snapshot was read and refused whole; the one before stays in force. */
export interface SnapshotRefused extends SnapshotPlace {
  readonly kind: 'snapshot_refused';
  readonly issues: readonly string[];
}

/** The source could not be read at all. */
export interface SnapshotUnavailable extends SnapshotPlace {
  readonly kind: 'snapshot_unavailable';
  readonly why: string;
}

/** The sink accepted the record of a request. */
export interface RecordWritten {
  readonly kind: 'record_written';
  readonly record: StoredRecord;
}

/** A record could not be accepted: the call happened and leaves no trace in the sink. */
export interface RecordFailed {
  readonly kind: 'record_failed';
  readonly server: string;
  readonly why: string;
}

/** Records that wait for the disk. */
export interface RecordQueueSeen {
  readonly kind: 'record_queue_seen';
  readonly records: number;
  readonly bytes: number;
}

/** Records or intents are in a file of the spool; the time is that of the write and, for intents, of the sync. */
export interface SpoolCommitted {
  readonly kind: 'spool_committed';
  readonly seconds: number;
}

/** What waits for the ledger. */
export interface SpoolSeen {
  readonly kind: 'spool_seen';
  readonly bytes: number;
  readonly waitingRecords: number;
  /** Calls that were about to be forwarded, and of which no record is there yet. */
  readonly openIntents: number;
  readonly oldestWaitingSeconds: number;
}

/** A record had no room in the spool: its sequence number is missing in the ledger. `record_failed` says which. */
export interface SpoolUnrecorded {
  readonly kind: 'spool_unrecorded';
}

/** Calls of a run that ended, of which nobody knows what became: recorded as unknown. */
export interface SpoolUnsettled {
  readonly kind: 'spool_unsettled';
  readonly calls: number;
}

/** Bytes of a segment that hold no record any more. Unless lost, they are in the quarantine file. */
export interface SpoolDamaged {
  readonly kind: 'spool_damaged';
  readonly segment: string;
  readonly bytes: number;
  readonly isLost?: true;
}

/** Something about the spool that an operator may want to know. */
export interface SpoolNoted {
  readonly kind: 'spool_noted';
  readonly level: 'info' | 'warn' | 'error';
  readonly note: string;
}

/** The ledger dealt with a batch. */
export interface EventsShipped extends InvocationReceipt {
  readonly kind: 'events_shipped';
}

/** The ledger refuses one record by itself; it is in the quarantine file. */
export interface EventSetAside {
  readonly kind: 'event_set_aside';
  readonly id: string;
  readonly sequence: number;
  readonly reason: string;
}

/** Nothing was shipped this time. `refused` needs an operator: a wrong address or token. */
export interface ShippingFailed {
  readonly kind: 'shipping_failed';
  readonly cause: 'away' | 'refused' | 'disk';
  readonly why: string;
}

/** mcp-guard refused a request: no verdict, or one that does not fit (`GuardOutcome.why`). */
export interface GuardRefused {
  readonly kind: 'guard_refused';
  readonly server: string;
  readonly why: string;
}

/** A server's list could not be checked and was not shown. */
export interface ListWithheld {
  readonly kind: 'list_withheld';
  readonly server: string;
  readonly why: string;
}

/** OPA was asked. `failed` denies the call. */
export interface OpaAnswered {
  readonly kind: 'opa_answered';
  readonly server: string;
  readonly result: 'allow' | 'deny' | 'cached' | 'failed';
  readonly why?: string;
}

/** The gateway fetched a server's list of tools itself, or could not. */
export interface PinsListed {
  readonly kind: 'pins_listed';
  readonly server: string;
  readonly ok: boolean;
  readonly why?: string;
}

/** A tool's pin took another state. */
export interface PinChanged {
  readonly kind: 'pin_changed';
  readonly server: string;
  readonly tool: string;
  readonly state: PinState;
}

/** Requests between their first phase and their last in the plugin server's table. */
export interface EventTableSeen {
  readonly kind: 'event_table_seen';
  readonly size: number;
}
