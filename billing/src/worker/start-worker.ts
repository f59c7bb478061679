import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database/open-database.ts';
import { endLease, LEASE_SECONDS, renewLease, takeLease, type JobLease } from './job-lease.ts';
import type { Job } from './job.ts';

export interface WorkerOptions {
  readonly database: Database;
  readonly jobs: readonly Job[];
  /** Name of this process in the leases. */
  readonly owner: string;
  readonly log: (event: WorkerEvent) => void;
  /** Told of every run, also of those that had nothing to do. */
  readonly onRun?: (run: { readonly job: string; readonly isOk: boolean }) => void;
  readonly now?: () => number;
  /** Between two looks for due jobs; 1 s, so that a job of every 5 s is late by no more than a fifth. */
  readonly pollMilliseconds?: number;
  /** Runs nothing by itself, only what `runDue` is asked to. */
  readonly isIdle?: boolean;
}

export interface WorkerEvent {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly job?: string;
  readonly error?: string;
}

export interface Worker {
  /** Runs every due job once, in order; resolves when all have ended. For tests and `stoa-billing worker --once`. */
  runDue(): Promise<void>;
  /** Ends after the running jobs have. */
  close(): Promise<void>;
}

/** A job that fails is tried again later and later, and not more rarely than this. */
const MAX_RETRY_SECONDS = 300;

/** Runs jobs when they are due, one process at a time each. Any number of workers may run on one database. */
export const startWorker = (options: WorkerOptions): Worker => {
  const closing = new AbortController();
  const run: Run = { options, failures: new Map(), closing: closing.signal };
  const loops = options.isIdle === true ? [] : options.jobs.map((job) => startLoop(job, run));
  return {
    runDue: async () => {
      for (const job of options.jobs) await runWhenDue(job, run);
    },
    close: async () => {
      closing.abort();
      await Promise.all(loops);
    },
  };
};

/** One loop per job: a long one must not make the others late. */
const startLoop = async (job: Job, run: Run): Promise<void> => {
  const { pollMilliseconds = 1_000 } = run.options;
  while (!run.closing.aborted) {
    await sleep(pollMilliseconds, undefined, { signal: run.closing, ref: true }).catch(() => undefined);
    if (!run.closing.aborted) await runWhenDue(job, run);
  }
};

interface Run {
  readonly options: WorkerOptions;
  readonly failures: Map<string, number>;
  readonly closing: AbortSignal;
}

const runWhenDue = async (job: Job, run: Run): Promise<void> => {
  const { database, owner, log } = run.options;
  try {
    const lease = await takeLease(database, { name: job.name, owner });
    if (lease !== undefined) await runWithLease(job, lease, run);
  } catch (error) {
    // The database is away, which every job would say every second: the 1st, 2nd, 4th, 8th, ... time is enough.
    const key = `lease ${job.name}`;
    const count = (run.failures.get(key) ?? 0) + 1;
    run.failures.set(key, count);
    if (Number.isInteger(Math.log2(count)))
      log({ level: 'error', message: 'a job could not be leased', job: job.name, error: messageOf(error) });
  }
};

const runWithLease = async (job: Job, lease: JobLease, { options, failures, closing }: Run): Promise<void> => {
  const { database, log, now = Date.now } = options;
  const lost = new AbortController();
  const renewal = setInterval(
    () => {
      renewLease(database, lease).then(
        (isHeld) => (isHeld ? undefined : lost.abort()),
        // Not renewed is not lost: the next renewal may succeed, and writes are fenced.
        () => undefined,
      );
    },
    (LEASE_SECONDS * 1000) / 3,
  );
  const signal = AbortSignal.any([closing, lost.signal]);
  let error: string | undefined;
  try {
    const done = await job.run({ database, lease, signal, now });
    if (done !== undefined) log({ level: 'info', message: done, job: job.name });
  } catch (thrown) {
    error = messageOf(thrown);
    log({ level: 'error', message: 'job failed', job: job.name, error });
  } finally {
    clearInterval(renewal);
  }
  options.onRun?.({ job: job.name, isOk: error === undefined });
  const failed = error === undefined ? 0 : (failures.get(job.name) ?? 0) + 1;
  failures.set(job.name, failed);
  await endLease(database, lease, {
    pauseSeconds: failed === 0 ? job.everySeconds : Math.min(MAX_RETRY_SECONDS, job.everySeconds * 2 ** (failed - 1)),
    ...(error === undefined ? {} : { error }),
  });
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
