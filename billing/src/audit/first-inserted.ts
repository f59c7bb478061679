import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import type { AuditFinding } from './verify-link.ts';

/** The first row of a day that no batch of its chain names; every row of the chain is known to be there, so that counting tells. */
export const firstInserted = async (
  transaction: Knex,
  day: string,
  chained: number,
): Promise<AuditFinding | undefined> => {
  const [counted] = await queryRows<{ readonly count: bigint }>(
    transaction,
    'select count(*) from invocation where recorded_at >= ?::date and recorded_at < ?::date + 1',
    [day, day],
  );
  if (counted?.count === BigInt(chained)) return undefined;
  const [row] = await queryRows<{ readonly id: string }>(
    transaction,
    `with chained as materialized (
       select encode(substring(l.entries from 48 * e + 1 for 16), 'hex')::uuid as id
       from audit_link l, generate_series(0, l.events - 1) as e where l.day = ?::date)
     select id from invocation i
     where recorded_at >= ?::date and recorded_at < ?::date + 1 and not exists (select from chained c where c.id = i.id)
     order by recorded_at, id limit 1`,
    [day, day, day],
  );
  if (row === undefined) return undefined;
  return { kind: 'inserted', day, id: row.id, detail: 'The ledger has it, and the chain of its day does not.' };
};
