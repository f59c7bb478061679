import type { Knex } from 'knex';
import type { Database } from '../database/open-database.ts';
import { queryRows } from '../database/query-rows.ts';

/** The right to run a job, until it ends or is not renewed. */
export interface JobLease {
  readonly name: string;
  readonly owner: string;
  readonly fence: bigint;
}

/** A lease that is not renewed for this long is anybody's: three renewals may fail, and a crash delays a job by no more. */
export const LEASE_SECONDS = 30;

/** A write was tried with a lease that somebody else has by now. */
export class LeaseLostError extends Error {
  constructor({ name, fence }: JobLease) {
    super(`The lease on job ${name} (fence ${fence}) was lost to another worker.`);
    this.name = 'LeaseLostError';
  }
}

/** The lease when the job is due and nobody has it. The database's clock decides, so that workers need none in common. */
export const takeLease = async (
  database: Database,
  { name, owner }: { readonly name: string; readonly owner: string },
): Promise<JobLease | undefined> => {
  const rows = await queryRows<{ readonly fence: bigint }>(
    database,
    `insert into billing.job_lease as held (name, owner, fence, expires_at, next_run_at, started_at)
     values (?, ?, 1, now() + make_interval(secs => ?), now(), now())
     on conflict (name) do update
       set owner = excluded.owner, fence = held.fence + 1, expires_at = excluded.expires_at, started_at = now()
       where held.expires_at <= now() and held.next_run_at <= now()
     returning fence`,
    [name, owner, LEASE_SECONDS],
  );
  const [taken] = rows;
  return taken === undefined ? undefined : { name, owner, fence: taken.fence };
};

/** False when somebody else has it. */
export const renewLease = async (database: Database, { name, fence }: JobLease): Promise<boolean> => {
  const rows = await queryRows(
    database,
    `update billing.job_lease set expires_at = now() + make_interval(secs => ?) where name = ? and fence = ? returning 1`,
    [LEASE_SECONDS, name, fence.toString()],
  );
  return rows.length === 1;
};

export interface JobOutcome {
  /** Until it is due again. */
  readonly pauseSeconds: number;
  readonly error?: string;
}

/** Gives it back and says when it is due again; nothing when it was lost. */
export const endLease = async (
  database: Database,
  { name, fence }: JobLease,
  { pauseSeconds, error }: JobOutcome,
): Promise<void> => {
  await database.raw(
    `update billing.job_lease
     set expires_at = now(), next_run_at = now() + make_interval(secs => ?), finished_at = now(), last_error = ?,
         failures = case when ?::text is null then 0 else failures + 1 end
     where name = ? and fence = ?`,
    [pauseSeconds, error ?? null, error ?? null, name, fence.toString()],
  );
};

/**
 * A transaction that commits only while the lease is held. The row stays locked until then: a worker that was paused longer
 * than its lease finds a later fence, and one that takes the lease meanwhile waits for this commit.
 */
export const withFence = <Value>(
  database: Database,
  lease: JobLease,
  write: (transaction: Knex.Transaction) => Promise<Value>,
): Promise<Value> =>
  database.transaction(async (transaction) => {
    const held = await queryRows(
      transaction,
      'select from billing.job_lease where name = ? and fence = ? and expires_at > now() for update',
      [lease.name, lease.fence.toString()],
    );
    if (held.length === 0) throw new LeaseLostError(lease);
    return write(transaction);
  });
