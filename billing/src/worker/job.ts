import type { Database } from '../database/open-database.ts';
import type { JobLease } from './job-lease.ts';

/** Work that one process at a time does again and again. */
export interface Job {
  readonly name: string;
  /** Pause between the end of a run and the next. */
  readonly everySeconds: number;
  /** A sentence for the log when something was done. Whatever it writes must be harmless when written twice. */
  run(context: JobContext): Promise<string | undefined>;
}

export interface JobContext {
  readonly database: Database;
  readonly lease: JobLease;
  /** Aborted when the lease is lost or the worker stops: end soon, leave nothing half done. */
  readonly signal: AbortSignal;
  readonly now: () => number;
}
