import type { Buffer } from 'node:buffer';
import type { Knex } from 'knex';
import type { Database } from '../database/open-database.ts';
import { queryRows } from '../database/query-rows.ts';
import { unpackEntries } from '../domain/audit/chain-entries.ts';
import { chainStart, sealDay, sealStart } from '../domain/audit/hash-chain.ts';
import { addDays } from '../domain/invocations/invocation-time.ts';
import { findChained } from './find-chained.ts';
import { firstInserted } from './first-inserted.ts';
import { verifyLink, type AuditFinding } from './verify-link.ts';

export type AuditVerdict =
  | {
      readonly ok: true;
      readonly days: number;
      /** Rows that were read and agree. */
      readonly verified: number;
      /** Rows that retention dropped: their part of the chain is taken as it stands. */
      readonly retired: number;
    }
  | { readonly ok: false; readonly finding: AuditFinding };

export interface VerifyOptions {
  /** First and last day, both included; the same for one day. */
  readonly from: string;
  readonly to: string;
  /** Rows verified so far, after each batch. */
  readonly onProgress?: (verified: number) => void;
}

/**
 * Reads every row that was recorded in these days and follows the chain through it. Stops at the first bad row and names it.
 * It sees the database as it is now: what is ingested meanwhile does not disturb it.
 */
export const verifyDays = (database: Database, options: VerifyOptions): Promise<AuditVerdict> =>
  database.transaction((transaction) => verify(transaction, options), {
    isolationLevel: 'repeatable read',
    readOnly: true,
  });

interface DayRow {
  readonly day: string;
  readonly links: bigint;
  readonly entries: bigint;
  readonly head: Buffer;
  readonly seal: Buffer | null;
}

const verify = async (transaction: Knex, { from, to, onProgress }: VerifyOptions): Promise<AuditVerdict> => {
  const keptFrom = await readKeptFrom(transaction);
  const days = await readDays(transaction, addDays(from, -1), to);
  const total = { days: 0, verified: 0, retired: 0 };
  let previous: DayRow | undefined;
  for (const day of days) {
    const broken = brokenSeal(day, previous);
    if (broken !== undefined && day.day >= from) return { ok: false, finding: broken };
    previous = day;
    if (day.day < from) continue;
    const verdict = await verifyDay(transaction, day, {
      keptFrom,
      onProgress: (rows) => onProgress?.(total.verified + rows),
    });
    if (!verdict.ok) return verdict;
    total.days += 1;
    total.verified += verdict.verified;
    total.retired += verdict.retired;
  }
  const unknown = await firstOfUnknownDay(transaction, from, to);
  return unknown === undefined ? { ok: true, ...total } : { ok: false, finding: unknown };
};

const readKeptFrom = async (transaction: Knex): Promise<number | undefined> => {
  const [row] = await queryRows<{ readonly kept_from: Date | null }>(transaction, 'select kept_from from retention');
  return row?.kept_from?.getTime();
};

/** A sealed day follows from the sealed day before it, so that the day before the first is read as well. */
const readDays = (transaction: Knex, from: string, to: string): Promise<readonly DayRow[]> =>
  queryRows<DayRow>(
    transaction,
    `select day, links, entries, head_sha256 as head, seal_sha256 as seal from audit_day
     where day between ? and ? order by day`,
    [from, to],
  );

const brokenSeal = (day: DayRow, previous: DayRow | undefined): AuditFinding | undefined => {
  if (day.seal === null) return undefined;
  const finding = (detail: string): AuditFinding => ({ kind: 'broken_seal', day: day.day, detail });
  if (previous?.seal === null) return finding('The day before it is not sealed.');
  // Only the first day of all has none before it; with one that was removed, the seal does not fit.
  const before = previous?.seal ?? sealStart;
  const { entries, links, head } = day;
  return sealDay(before, { day: day.day, links, entries, headSha256: head }).equals(day.seal)
    ? undefined
    : finding('Its seal does not follow from the day before it and from its own head.');
};

interface DayContext {
  readonly keptFrom: number | undefined;
  readonly onProgress: (rows: number) => void;
}

type DayVerdict =
  | { readonly ok: true; readonly verified: number; readonly retired: number }
  | { readonly ok: false; readonly finding: AuditFinding };

const verifyDay = async (transaction: Knex, day: DayRow, context: DayContext): Promise<DayVerdict> => {
  const { keptFrom } = context;
  if (keptFrom !== undefined && Date.parse(`${addDays(day.day, 2)}T00:00:00Z`) <= keptFrom)
    return { ok: true, verified: 0, retired: Number(day.entries) };
  const broken = (detail: string): DayVerdict => ({ ok: false, finding: { kind: 'broken_day', day: day.day, detail } });
  let chain = chainStart(day.day);
  let rows = 0;
  let retired = 0;
  for (let link = 1n; link <= day.links; link += 1n) {
    const [stored] = await queryRows<{ readonly entries: Buffer }>(
      transaction,
      'select entries from audit_link where day = ? and link = ?',
      [day.day, link],
    );
    if (stored === undefined) return broken(`Batch ${link} of ${day.links} is gone from the chain.`);
    const entries = unpackEntries(stored.entries);
    const found = await findChained(
      transaction,
      entries.map(({ id }) => id),
    );
    const verdict = verifyLink({ position: { day: day.day, link }, entries, rows: found, previous: chain, keptFrom });
    if (!verdict.ok) return verdict;
    chain = verdict.chain;
    rows += entries.length;
    retired += verdict.retired;
    context.onProgress(rows);
  }
  if (!chain.equals(day.head)) return broken('Its last row does not give the head that was kept.');
  if (BigInt(rows) !== day.entries) return broken(`It has ${rows} entries, and ${day.entries} were counted.`);
  const inserted = await firstInserted(transaction, day.day, rows - retired);
  return inserted === undefined ? { ok: true, verified: rows - retired, retired } : { ok: false, finding: inserted };
};

/** Rows of a day that has no chain at all. */
const firstOfUnknownDay = async (transaction: Knex, from: string, to: string): Promise<AuditFinding | undefined> => {
  const [row] = await queryRows<{ readonly id: string; readonly day: string }>(
    transaction,
    `select id, (recorded_at at time zone 'UTC')::date as day from invocation
     where recorded_at >= ?::date and recorded_at < ?::date + 1
       and (recorded_at at time zone 'UTC')::date not in (select day from audit_day) limit 1`,
    [from, to],
  );
  if (row === undefined) return undefined;
  return { kind: 'inserted', day: row.day, id: row.id, detail: 'Its day has no chain.' };
};
