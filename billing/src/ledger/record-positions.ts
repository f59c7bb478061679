import type { Knex } from 'knex';
import { queryRows, runSql } from '../database/query-rows.ts';
import {
  nothingReceived,
  receiveSequences,
  type SequenceRange,
  type SequenceState,
} from '../domain/invocations/sequence-gaps.ts';

/** Which events of a node arrived, whatever became of them: a refused one is not lost. */
export interface ReceivedPositions {
  readonly nodeId: string;
  /** Sequences by epoch. */
  readonly epochs: ReadonlyMap<string, readonly number[]>;
}

/** Moves the node's cursors, opens a gap for what is missing and closes the gaps that were filled. */
export const recordPositions = async (transaction: Knex, { nodeId, epochs }: ReceivedPositions): Promise<void> => {
  // In order, so that two batches of one node wait for each other instead of deadlocking.
  for (const [epoch, sequences] of [...epochs].sort(([a], [b]) => (a < b ? -1 : 1)))
    await recordEpoch(transaction, { nodeId, epoch }, sequences);
};

interface EpochKey {
  readonly nodeId: string;
  readonly epoch: string;
}

interface EpochRow {
  readonly contiguous: bigint;
  readonly max: bigint;
}

/** Locks the row until the commit, and makes it when it is new: an update that changes nothing still locks. */
const lockEpoch = `
  insert into node_epoch as e (node_id, epoch, contiguous_sequence, max_sequence, first_seen, last_seen)
  values (?, ?, 0, 0, now(), now())
  on conflict (node_id, epoch) do update set last_seen = excluded.last_seen
  returning contiguous_sequence as contiguous, max_sequence as max`;

const recordEpoch = async (transaction: Knex, key: EpochKey, sequences: readonly number[]): Promise<void> => {
  const { nodeId, epoch } = key;
  const [row] = await queryRows<EpochRow>(transaction, lockEpoch, [nodeId, epoch]);
  const before = await stateOf(transaction, key, row);
  const after = receiveSequences(before, sequences);
  if (after.max !== before.max || after.contiguous !== before.contiguous)
    await runSql(
      transaction,
      'update node_epoch set contiguous_sequence = ?, max_sequence = ? where node_id = ? and epoch = ?',
      [after.contiguous, after.max, nodeId, epoch],
    );
  await changeGaps(transaction, key, before.gaps, after.gaps);
};

const stateOf = async (transaction: Knex, key: EpochKey, row: EpochRow | undefined): Promise<SequenceState> => {
  if (row === undefined) return nothingReceived;
  const contiguous = Number(row.contiguous);
  const max = Number(row.max);
  // Nearly always: nothing is missing, and no table need be asked.
  if (contiguous === max) return { contiguous, max, gaps: [] };
  const gaps = await queryRows<{ readonly from: bigint; readonly to: bigint }>(
    transaction,
    `select from_sequence as "from", to_sequence as "to" from node_gap
     where node_id = ? and epoch = ? and closed_at is null order by from_sequence`,
    [key.nodeId, key.epoch],
  );
  return { contiguous, max, gaps: gaps.map(({ from, to }) => ({ from: Number(from), to: Number(to) })) };
};

/** A gap that is filled is closed and kept; of one that is filled in part, what is left keeps the time it was opened. */
const changeGaps = async (
  transaction: Knex,
  { nodeId, epoch }: EpochKey,
  before: readonly SequenceRange[],
  after: readonly SequenceRange[],
): Promise<void> => {
  const isIn = (ranges: readonly SequenceRange[], { from, to }: SequenceRange): boolean =>
    ranges.some((range) => range.from === from && range.to === to);
  for (const gap of before.filter((range) => !isIn(after, range))) {
    const left = after.filter(({ from, to }) => from >= gap.from && to <= gap.to);
    const [closed] = await queryRows<{ readonly opened_at: Date }>(
      transaction,
      `update node_gap set closed_at = now() where node_id = ? and epoch = ? and from_sequence = ? and closed_at is null
       returning opened_at`,
      [nodeId, epoch, gap.from],
    );
    await openGaps(transaction, { nodeId, epoch }, left, closed?.opened_at);
  }
  const known = (range: SequenceRange): boolean => before.some(({ from, to }) => range.from >= from && range.to <= to);
  await openGaps(
    transaction,
    { nodeId, epoch },
    after.filter((range) => !known(range)),
  );
};

const openGaps = async (
  transaction: Knex,
  { nodeId, epoch }: EpochKey,
  gaps: readonly SequenceRange[],
  openedAt?: Date,
): Promise<void> => {
  if (gaps.length === 0) return;
  await runSql(
    transaction,
    `insert into node_gap (node_id, epoch, from_sequence, to_sequence, opened_at)
     select ?, ?, gap.*, coalesce(?::timestamptz, now()) from unnest(?::bigint[], ?::bigint[]) as gap`,
    [nodeId, epoch, openedAt?.toISOString() ?? null, gaps.map(({ from }) => from), gaps.map(({ to }) => to)],
  );
};
