import type { Buffer } from 'node:buffer';
import type { Knex } from 'knex';
import { queryRows, runSql } from '../database/query-rows.ts';
import { packEntries, type LinkEntry } from '../domain/audit/chain-entries.ts';
import { chainEntry, chainStart, type ChainedInvocation } from '../domain/audit/hash-chain.ts';

export interface NewLink {
  /** Of the rows: the moment of their transaction. */
  readonly recordedAt: Date;
  /** As they stand in the batch. */
  readonly invocations: readonly Omit<ChainedInvocation, 'recordedAt'>[];
}

/** Locks the day's chain until the commit: an update that changes nothing still locks, and gives the row. */
const lockHead = `
  insert into audit_day as d (day, links, entries, head_sha256) values (?, 0, 0, ?)
  on conflict (day) do update set links = d.links
  returning links, head_sha256`;

/**
 * Adds a batch to the chain of its day, in the transaction that wrote it: there is no moment in which an acknowledged record is
 * outside of the chain, and no second pass over the records. Writers take turns here, so it is the last step before the commit;
 * hashing costs 2 microseconds an event.
 */
export const appendLink = async (transaction: Knex, { recordedAt, invocations }: NewLink): Promise<void> => {
  if (invocations.length === 0) return;
  const recorded = recordedAt.toISOString();
  const day = recorded.slice(0, 10);
  const [head] = await queryRows<{ readonly links: bigint; readonly head_sha256: Buffer }>(transaction, lockHead, [
    day,
    chainStart(day),
  ]);
  const link = (head?.links ?? 0n) + 1n;
  let chain = head?.head_sha256 ?? chainStart(day);
  const entries = invocations.map((invocation): LinkEntry => {
    chain = chainEntry(chain, { ...invocation, recordedAt: recorded }, { day, link });
    return { id: invocation.id, chain };
  });
  await runSql(
    transaction,
    `with added as (insert into audit_link (day, link, recorded_at, events, entries) values (?, ?, ?, ?, ?))
     update audit_day set links = ?, entries = entries + ?, head_sha256 = ? where day = ?`,
    [day, link, recorded, entries.length, packEntries(entries), link, entries.length, chain, day],
  );
};
