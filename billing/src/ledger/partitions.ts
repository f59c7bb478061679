import type { Database } from '../database/open-database.ts';
import { queryRows } from '../database/query-rows.ts';
import { monthOf, monthStart } from '../domain/invocations/invocation-time.ts';

/** Any number that nobody else uses: one partition is made at a time. */
const PARTITION_LOCK = 7_263_002;

/** A job that did not run for two months leaves the ledger writable; ingest makes a month by itself when it must. */
const MONTHS_AHEAD = 2;

const nameOf = (month: string): string => `invocation_${month.replace('-', '_')}`;

/**
 * Makes the months `YYYY-MM` that are missing. The table is made beside the ledger and attached to it, which other writers
 * do not notice; `create table … partition of` would lock all of them out.
 */
export const ensurePartitions = async (database: Database, months: Iterable<string>): Promise<void> => {
  for (const month of [...new Set(months)].sort())
    await database.transaction(async (transaction) => {
      await transaction.raw('select pg_advisory_xact_lock(?)', [PARTITION_LOCK]);
      const name = nameOf(month);
      const present = `select to_regclass(?) is not null as present`;
      const [found] = await queryRows<{ readonly present: boolean }>(transaction, present, [`billing.${name}`]);
      if (found?.present === true) return;
      await transaction.raw(`create table ${name} (like invocation including all)`);
      await transaction.raw(
        `alter table invocation attach partition ${name} for values from ('${monthStart(month)}') to ('${monthStart(month, 1)}')`,
      );
    });
};

/** Makes this month and the next two. For the worker, once a day. */
export const rollPartitions = async (database: Database, now: Date): Promise<void> => {
  const month = monthOf(now.getTime());
  const ahead = Array.from({ length: MONTHS_AHEAD + 1 }, (_, offset) => monthStart(month, offset).slice(0, 7));
  await ensurePartitions(database, ahead);
};

export interface Partition {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly table: string;
  /** With its indexes. */
  readonly bytes: bigint;
}

/** Months that are there, oldest first. */
export const listPartitions = async (database: Database): Promise<readonly Partition[]> => {
  const partitions = await queryRows<Omit<Partition, 'month'>>(
    database,
    `select c.relname as "table", pg_total_relation_size(c.oid) as bytes
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'billing.invocation'::regclass order by c.relname`,
  );
  return partitions.map((partition) => ({ ...partition, month: partition.table.slice(-7).replace('_', '-') }));
};
