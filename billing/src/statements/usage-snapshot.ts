import type { Buffer } from 'node:buffer';
import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import { addDays, type Day } from '../domain/calendar/day.ts';

/**
 * Which invocations a statement counted: those recorded by `asOf`, less those of batches that were on their way at that moment.
 * A batch carries the time at which its transaction began, so that time alone cannot tell; its place in the audit chain can.
 */
export interface UsageSnapshot {
  readonly asOf: Date;
  /** Links of the chain that were there, by day of recording; of days on which batches may still have been on their way. */
  readonly links: Readonly<Record<Day, number>>;
}

/** Ingest gives up a batch within a minute, so yesterday's chain and today's are all that could still grow. */
const OPEN_DAYS = 1;

/** First query of a repeatable-read transaction: it takes the snapshot, and then reads the clock. */
export const readSnapshot = async (transaction: Knex): Promise<UsageSnapshot> => {
  const [row] = await queryRows<{ readonly as_of: Date; readonly links: Readonly<Record<Day, number>> }>(
    transaction,
    `select date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond' as as_of,
       (select coalesce(json_object_agg(day, links), '{}') from billing.audit_day where day >= current_date - ?::integer) as links`,
    [OPEN_DAYS],
  );
  return { asOf: row?.as_of ?? new Date(0), links: row?.links ?? {} };
};

/** Ids of invocations recorded by `asOf` that the snapshot did not see. Mostly none. */
export const findUnseen = async (database: Knex, { asOf, links }: UsageSnapshot): Promise<readonly string[]> => {
  const today = asOf.toISOString().slice(0, 10);
  const days = Array.from({ length: OPEN_DAYS + 1 }, (_, back) => addDays(today, -back));
  const rows = await queryRows<{ readonly entries: Buffer }>(
    database,
    `select entries from billing.audit_link l
     join (select unnest(?::date[]) as day, unnest(?::bigint[]) as links) seen using (day)
     where l.link > seen.links and l.recorded_at <= ?`,
    [days, days.map((day) => links[day] ?? 0), asOf],
  );
  return rows.flatMap(({ entries }) => idsOf(entries));
};

/** For each event 16 bytes of its id, then 32 of the chain. */
const ENTRY_BYTES = 48;

const idsOf = (entries: Buffer): readonly string[] =>
  Array.from({ length: entries.length / ENTRY_BYTES }, (_, index) => {
    const hex = entries.toString('hex', index * ENTRY_BYTES, index * ENTRY_BYTES + 16);
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  });
