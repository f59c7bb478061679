import type { Buffer } from 'node:buffer';
import type { Database } from '../database/open-database.ts';
import { queryRows, runSql } from '../database/query-rows.ts';
import { chainStart, sealDay, sealStart } from '../domain/audit/hash-chain.ts';
import { addDays, dayOf } from '../domain/invocations/invocation-time.ts';

/** Any number that nobody else uses: days are sealed by one process at a time. */
const SEAL_LOCK = 7_263_003;

/** The longest transaction of ingest ends after a minute; in an hour the last batch of a day is in its chain for sure. */
const SETTLE_MS = 3_600_000;

export interface Seal {
  readonly day: string;
  /** Hex. Kept elsewhere (printed, mailed, in a log of others), it proves later that nothing before it was changed. */
  readonly sealSha256: string;
}

interface Head {
  readonly links: bigint;
  readonly entries: bigint;
  readonly head: Buffer;
}

/**
 * Closes every day that ended an hour ago or more: its seal covers its chain and the seal before it. Days without a record
 * are sealed too, or a missing day would look like a quiet one. For the worker; gives what it sealed.
 */
export const sealDays = (database: Database, now: Date): Promise<readonly Seal[]> =>
  database.transaction(async (transaction) => {
    await runSql(transaction, 'select pg_advisory_xact_lock(?)', [SEAL_LOCK]);
    const [last] = await queryRows<{ readonly day: string; readonly seal: Buffer }>(
      transaction,
      'select day, seal_sha256 as seal from audit_day where sealed_at is not null order by day desc limit 1',
    );
    const [first] = await queryRows<{ readonly day: string | null }>(
      transaction,
      'select min(day) as day from audit_day',
    );
    if (typeof first?.day !== 'string') return [];
    const seals: Seal[] = [];
    let seal = last?.seal ?? sealStart;
    const end = dayOf(now.getTime() - SETTLE_MS);
    for (let day = last === undefined ? first.day : addDays(last.day, 1); day < end; day = addDays(day, 1)) {
      const [head] = await queryRows<Head>(
        transaction,
        `insert into audit_day as d (day, links, entries, head_sha256) values (?, 0, 0, ?)
         on conflict (day) do update set links = d.links returning links, entries, head_sha256 as head`,
        [day, chainStart(day)],
      );
      if (head === undefined) break;
      seal = sealDay(seal, { day, links: head.links, entries: head.entries, headSha256: head.head });
      await runSql(transaction, 'update audit_day set sealed_at = now(), seal_sha256 = ? where day = ?', [seal, day]);
      seals.push({ day, sealSha256: seal.toString('hex') });
    }
    return seals;
  });

/** The newest seal; undefined before the first day was closed. */
export const latestSeal = async (database: Database): Promise<Seal | undefined> => {
  const [row] = await queryRows<Seal>(
    database,
    `select day, encode(seal_sha256, 'hex') as "sealSha256" from audit_day where sealed_at is not null
     order by day desc limit 1`,
  );
  return row;
};
