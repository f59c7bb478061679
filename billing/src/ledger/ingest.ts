import { isDeepStrictEqual } from 'node:util';
import type { Knex } from 'knex';
import { appendLink } from '../audit/append-link.ts';
import type { Database } from '../database/open-database.ts';
import { queryRows, runSql } from '../database/query-rows.ts';
import type { InvocationRow } from '../domain/invocations/invocation-row.ts';
import { judgeTime, timeLimits } from '../domain/invocations/invocation-time.ts';
import { addUsage } from './add-usage.ts';
import { findStored, insertInvocations, type StoredContent } from './insert-invocations.ts';
import { ensurePartitions } from './partitions.ts';
import { addToQuarantine, type QuarantineReason, type RefusedEvent } from './quarantine.ts';
import { receiveEvent, type IncomingEvent, type ReceivedEvent } from './receive-event.ts';
import { recordPositions } from './record-positions.ts';
import { isDataError, isMissingPartition, isPassing } from './sql-errors.ts';

export interface IngestBatch {
  /** The node whose credential came with the batch. */
  readonly nodeId: string;
  readonly events: readonly IncomingEvent[];
  /** What the node's clock said when it sent them, and ours when they came; milliseconds. */
  readonly clock?: { readonly node: number; readonly ours: number };
}

/** What became of the events of a batch; the three add up to their number. */
export interface IngestReceipt {
  readonly accepted: number;
  readonly duplicate: number;
  readonly quarantined: readonly { readonly id: string; readonly reason: QuarantineReason }[];
}

export type Ingest = (batch: IngestBatch) => Promise<IngestReceipt>;

/** A deadlock is over at the second try; five are a lock that somebody holds, and the node comes back. */
const MAX_ATTEMPTS = 5;

/**
 * Takes batches into the ledger. One transaction claims the ids, sums the rows that are new, moves the node's cursors, keeps
 * aside what can never be accepted, and chains the rest: when the receipt is given, all of it is on disk, and when the
 * transaction fails, none of it is. Rejects when the database is away; the same batch again changes nothing.
 */
export const createIngest = (database: Database): Ingest => {
  const months = new Set<string>();
  const store = async (nodeId: string, events: readonly ReceivedEvent[], clock: IngestBatch['clock']) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await database.transaction((transaction) => storeBatch(transaction, { nodeId, events, clock, months }));
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS) throw error;
        if (error instanceof UnknownMonths) await ensurePartitions(database, error.months);
        else if (isMissingPartition(error)) months.clear();
        else if (!isPassing(error)) throw error;
        if (error instanceof UnknownMonths) error.months.forEach((month) => months.add(month));
      }
    }
  };
  return async ({ nodeId, events, clock }) =>
    storeInParts(
      (part) => store(nodeId, part, clock),
      events.map((event) => receiveEvent(event, nodeId)),
    );
};

type Store = (events: readonly ReceivedEvent[]) => Promise<IngestReceipt>;

/** One event that PostgreSQL will not store must not hold up the others for ever: halves, until it stands alone. */
const storeInParts = async (store: Store, events: readonly ReceivedEvent[]): Promise<IngestReceipt> => {
  try {
    return await store(events);
  } catch (error) {
    if (!isDataError(error)) throw error;
    const [first] = events;
    if (events.length === 1 && first?.row !== undefined) return store([unstorable(first, first.row, error)]);
    if (events.length <= 1) throw error;
    const middle = Math.ceil(events.length / 2);
    const head = await storeInParts(store, events.slice(0, middle));
    const tail = await storeInParts(store, events.slice(middle));
    return {
      accepted: head.accepted + tail.accepted,
      duplicate: head.duplicate + tail.duplicate,
      quarantined: [...head.quarantined, ...tail.quarantined],
    };
  }
};

const unstorable = ({ raw, position }: ReceivedEvent, { id }: InvocationRow, error: Error): ReceivedEvent => ({
  raw,
  refused: { id, reason: 'unstorable', detail: `The database refuses it: ${error.message}`, raw },
  ...(position === undefined ? {} : { position }),
});

class UnknownMonths extends Error {
  constructor(readonly months: readonly string[]) {
    super('months without a partition');
  }
}

interface StoreContext {
  readonly nodeId: string;
  readonly events: readonly ReceivedEvent[];
  readonly clock: IngestBatch['clock'];
  /** Months whose partition is there. */
  readonly months: ReadonlySet<string>;
}

const storeBatch = async (transaction: Knex, context: StoreContext): Promise<IngestReceipt> => {
  const { nodeId, events } = context;
  const moment = await beginMoment(transaction);
  const timely = events.map((event) => judge(event, moment));
  const candidates = timely.flatMap(({ row, raw }) => (row === undefined ? [] : [{ row, raw }]));
  const unknown = new Set(
    candidates.map(({ row }) => row.occurredAt.slice(0, 7)).filter((m) => !context.months.has(m)),
  );
  if (unknown.size > 0) throw new UnknownMonths([...unknown]);

  const lateBefore = new Date(moment.now - timeLimits.late);
  const recordedAt = new Date(moment.now);
  const rows = candidates.map(({ row }) => row);
  const isNew = await insertInvocations(transaction, rows, { recordedAt, lateBefore });
  const { inserted, known } = separate(candidates, isNew);
  const conflicts = await findConflicts(transaction, known);
  const refused = [...timely.flatMap((event) => (event.row === undefined ? [event.refused] : [])), ...conflicts];

  await addUsage(transaction, inserted);
  await recordPositions(transaction, { nodeId, epochs: positionsOf(timely) });
  await addToQuarantine(transaction, nodeId, refused);
  await noteNode(transaction, context, moment);
  await appendLink(transaction, { recordedAt, invocations: inserted });
  return {
    accepted: inserted.length,
    duplicate: known.length - conflicts.length,
    quarantined: refused.map(({ id, reason }) => ({ id, reason })),
  };
};

interface Moment {
  /** The database's clock at the start of the transaction, in whole milliseconds. */
  readonly now: number;
  readonly keptFrom: number | undefined;
}

/** A writer that waits or hangs longer than a node waits for its answer only holds up others. */
const begin = `
  select date_trunc('milliseconds', now()) as now, (select kept_from from retention) as "keptFrom",
    set_config('lock_timeout', '15s', true), set_config('statement_timeout', '30s', true),
    set_config('idle_in_transaction_session_timeout', '30s', true)`;

const beginMoment = async (transaction: Knex): Promise<Moment> => {
  const [row] = await queryRows<{ readonly now: Date; readonly keptFrom: Date | null }>(transaction, begin);
  return { now: row?.now.getTime() ?? 0, keptFrom: row?.keptFrom?.getTime() };
};

const judge = (event: ReceivedEvent, moment: Moment): ReceivedEvent => {
  if (event.row === undefined) return event;
  const { row, raw, position } = event;
  const verdict = judgeTime(Date.parse(row.occurredAt), moment);
  if (verdict === 'on_time' || verdict === 'late') return event;
  const refused: RefusedEvent = { id: row.id, reason: verdict, detail: timeDetails[verdict](row.occurredAt), raw };
  return { raw, refused, ...(position === undefined ? {} : { position }) };
};

const timeDetails = {
  future: (time: string) => `occurredAt: ${time} is more than 5 minutes ahead of the ledger's clock`,
  too_old: (time: string) => `occurredAt: ${time} is more than 400 days ago`,
  retired: (time: string) => `occurredAt: the single records of ${time.slice(0, 7)} were dropped after their retention`,
};

interface Candidate {
  readonly row: InvocationRow;
  readonly raw: string;
}

/** An id twice in one batch is new the first time and known the second. */
const separate = (candidates: readonly Candidate[], isNew: ReadonlySet<string>) => {
  const inserted: InvocationRow[] = [];
  const known: Candidate[] = [];
  const taken = new Set<string>();
  for (const candidate of candidates) {
    const { id } = candidate.row;
    if (isNew.has(id) && !taken.has(id)) inserted.push(candidate.row);
    else known.push(candidate);
    taken.add(id);
  }
  return { inserted, known };
};

const findConflicts = async (transaction: Knex, known: readonly Candidate[]): Promise<readonly RefusedEvent[]> => {
  const stored = await findStored(
    transaction,
    known.map(({ row }) => row),
  );
  return known
    .filter(({ row }) => !isSameContent(row, stored.get(row.id)))
    .map(({ row, raw }) => ({
      id: row.id,
      reason: 'conflict' as const,
      detail: `id: is known with other content (SHA-256 ${stored.get(row.id)?.contentSha256 ?? 'unknown'})`,
      raw,
    }));
};

/** The digest is of a text; a record that was built again may have its fields in another order and is still the same. */
const isSameContent = (row: InvocationRow, stored: StoredContent | undefined): boolean =>
  stored?.contentSha256 === row.contentSha256 || isDeepStrictEqual(stored?.otherRecord, JSON.parse(row.record));

const positionsOf = (events: readonly ReceivedEvent[]): ReadonlyMap<string, readonly number[]> => {
  const epochs = new Map<string, number[]>();
  for (const { position } of events) {
    if (position === undefined) continue;
    const sequences = epochs.get(position.epoch);
    if (sequences === undefined) epochs.set(position.epoch, [position.sequence]);
    else sequences.push(position.sequence);
  }
  return epochs;
};

/** When the node was here, its newest event, and how far its clock is from ours as far as that can be known. */
const noteNode = async (transaction: Knex, { nodeId, events, clock }: StoreContext, { now }: Moment): Promise<void> => {
  const times = events.flatMap(({ row }) => (row === undefined ? [] : [Date.parse(row.occurredAt)]));
  const newest = times.reduce((latest, time) => Math.max(latest, time), 0);
  // An event from the future proves a clock that is ahead; one from the past may only have waited.
  const skew = clock === undefined ? (newest > now ? newest - now : undefined) : clock.node - clock.ours;
  const latest = newest > 0 && newest <= now + timeLimits.oldest ? new Date(newest).toISOString() : null;
  await runSql(
    transaction,
    `update node set last_seen_at = now(), last_event_at = greatest(last_event_at, ?::timestamptz),
       skew_ms = coalesce(?::bigint, skew_ms) where node_id = ?`,
    [latest, skew ?? null, nodeId],
  );
};
