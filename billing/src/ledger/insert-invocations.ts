import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import type { InvocationRow } from '../domain/invocations/invocation-row.ts';
import { invocationColumns } from './invocation-columns.ts';
import { bindingsOf, namesOf, unnestOf } from './joined-column.ts';

const insert = `
  insert into invocation (recorded_at, late, ${namesOf(invocationColumns)})
  select moment.recorded_at, batch.occurred_at < moment.late_before, batch.*
  from (values (?::timestamptz, ?::timestamptz)) as moment (recorded_at, late_before),
    ${unnestOf(invocationColumns)} as batch (${namesOf(invocationColumns)})
  on conflict (occurred_at, id) do nothing
  returning id`;

export interface InsertMoment {
  readonly recordedAt: Date;
  /** What occurred before is flagged late. */
  readonly lateBefore: Date;
}

/** Writes the rows whose id is new, and gives their ids. The claim to an id and the row are one write, so no crash can part them. */
export const insertInvocations = async (
  transaction: Knex,
  rows: readonly InvocationRow[],
  { recordedAt, lateBefore }: InsertMoment,
): Promise<ReadonlySet<string>> => {
  if (rows.length === 0) return new Set();
  const bindings = [recordedAt.toISOString(), lateBefore.toISOString(), ...bindingsOf(invocationColumns, rows)];
  const inserted = await queryRows<{ readonly id: string }>(transaction, insert, bindings);
  return new Set(inserted.map(({ id }) => id));
};

export interface StoredContent {
  readonly id: string;
  readonly contentSha256: string;
  /** The record, when its digest is another one than that of the row; null otherwise. */
  readonly otherRecord: unknown;
}

const identity = invocationColumns.filter(({ name }) => ['id', 'occurred_at', 'content_sha256'].includes(name));

const stored = `
  select i.id, encode(i.content_sha256, 'hex') as "contentSha256", 
    case when i.content_sha256 <> batch.content_sha256 then i.record end as "otherRecord"
  from ${unnestOf(identity)} as batch (${namesOf(identity)})
  join invocation i using (occurred_at, id)`;

/** What the ledger holds under the ids of these rows. */
export const findStored = async (
  transaction: Knex,
  rows: readonly InvocationRow[],
): Promise<ReadonlyMap<string, StoredContent>> => {
  if (rows.length === 0) return new Map();
  const found = await queryRows<StoredContent>(transaction, stored, bindingsOf(identity, rows));
  return new Map(found.map((content) => [content.id, content]));
};
