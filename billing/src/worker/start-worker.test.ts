import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { endLease, LeaseLostError, renewLease, takeLease, withFence } from './job-lease.ts';
import type { Job, JobContext } from './job.ts';
import { startWorker, type WorkerEvent } from './start-worker.ts';

describe.skipIf(!hasPostgres)('worker', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase();
  });
  afterEach(() => test.close());

  const expire = () => test.database('billing.job_lease').update({ expires_at: new Date(0), next_run_at: new Date(0) });
  const write = (name: string) => (transaction: { raw(sql: string, bindings: string[]): unknown }) =>
    transaction.raw(`insert into billing.api_token (id, name, token_sha256, roles) values (?, ?, ?, '{usage}')`, [
      name,
      name,
      name,
    ]);
  const written = () => test.database('billing.api_token').pluck<string[]>('id').orderBy('id');

  describe('lease', () => {
    it('is had by one of eight workers that ask at once', async () => {
      const taken = await Promise.all(
        Array.from({ length: 8 }, (_, index) => takeLease(test.database, { name: 'roll', owner: `w${index}` })),
      );
      expect(taken.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    it('is free again when it was given back and is due, with a later fence', async () => {
      const first = await takeLease(test.database, { name: 'roll', owner: 'a' });
      if (first === undefined) throw new Error('no lease');
      await endLease(test.database, first, { pauseSeconds: 3600 });
      expect(await takeLease(test.database, { name: 'roll', owner: 'b' })).toBeUndefined();
      await expire();
      expect(await takeLease(test.database, { name: 'roll', owner: 'b' })).toMatchObject({ fence: first.fence + 1n });
    });

    it('of a worker that was paused too long writes nothing more: renewal, writes and the end are refused', async () => {
      const paused = await takeLease(test.database, { name: 'roll', owner: 'paused' });
      if (paused === undefined) throw new Error('no lease');
      await withFence(test.database, paused, async (transaction) => write('before')(transaction));
      await expire();
      const next = await takeLease(test.database, { name: 'roll', owner: 'next' });
      if (next === undefined) throw new Error('no lease');
      expect(await renewLease(test.database, paused)).toBe(false);
      await expect(withFence(test.database, paused, async (transaction) => write('late')(transaction))).rejects.toThrow(
        LeaseLostError,
      );
      await endLease(test.database, paused, { pauseSeconds: 0 });
      expect(await renewLease(test.database, next)).toBe(true);
      await withFence(test.database, next, async (transaction) => write('next')(transaction));
      expect(await written()).toEqual(['before', 'next']);
    });

    it('that ran out refuses writes although nobody took it: the next one may be a millisecond away', async () => {
      const lease = await takeLease(test.database, { name: 'roll', owner: 'a' });
      if (lease === undefined) throw new Error('no lease');
      await expire();
      await expect(withFence(test.database, lease, () => Promise.resolve())).rejects.toThrow('lost to another worker');
    });
  });

  it('two workers run a due job once, and not again before it is due', async () => {
    const runs: string[] = [];
    const workers = ['a', 'b'].map((owner) => idle([job('count', () => void runs.push(owner))], { owner }));
    await Promise.all(workers.map((worker) => worker.runDue()));
    await Promise.all(workers.map((worker) => worker.runDue()));
    expect(runs).toHaveLength(1);
    await expire();
    await Promise.all(workers.map((worker) => worker.runDue()));
    expect(runs).toHaveLength(2);
  });

  it('a job that fails says why in its lease, waits longer each time, and does not stop the others', async () => {
    const events: WorkerEvent[] = [];
    const runs: string[] = [];
    const failing = job('fails', () => {
      throw new Error('Stripe is away');
    });
    const worker = idle([failing, job('works', () => void runs.push('works'))], { events });
    await worker.runDue();
    const pause = async () => {
      const [row] = await test.database('billing.job_lease').where({ name: 'fails' });
      return { error: row.last_error, failures: row.failures, seconds: (row.next_run_at - row.finished_at) / 1000 };
    };
    expect(await pause()).toEqual({ error: 'Stripe is away', failures: 1n, seconds: 60 });
    await expire();
    await worker.runDue();
    expect(await pause()).toEqual({ error: 'Stripe is away', failures: 2n, seconds: 120 });
    expect(runs).toHaveLength(2);
    expect(events).toContainEqual({ level: 'error', message: 'job failed', job: 'fails', error: 'Stripe is away' });
  });

  it('a database that is away is logged at the 1st, 2nd, 4th, ... look, and not every second', async () => {
    const events: WorkerEvent[] = [];
    const worker = idle([job('any', () => undefined)], { events });
    await test.database.raw('drop table billing.job_lease');
    for (let look = 0; look < 9; look += 1) await worker.runDue();
    expect(events.map(({ message }) => message)).toEqual(Array(4).fill('a job could not be leased'));
  });

  it('runs by itself until it is closed, and waits for what runs', async () => {
    let finish = (): void => undefined;
    let begun = (): void => undefined;
    const running = new Promise<void>((resolve) => (begun = resolve));
    const long = job('long', ({ signal }) => {
      begun();
      return new Promise<void>((resolve) => {
        finish = resolve;
        signal.addEventListener('abort', () => resolve());
      });
    });
    const worker = startWorker({ ...options([long]), pollMilliseconds: 1 });
    await running;
    await worker.close();
    finish();
    const [row] = await test.database('billing.job_lease').where({ name: 'long' });
    expect(row.finished_at).toBeInstanceOf(Date);
  });

  const options = (
    jobs: readonly Job[],
    { owner = 'w', events = [] }: { readonly owner?: string; readonly events?: WorkerEvent[] } = {},
  ) => ({ database: test.database, jobs, owner, log: (event: WorkerEvent) => void events.push(event) });
  const idle = (...given: Parameters<typeof options>) => startWorker({ ...options(...given), isIdle: true });
});

const job = (name: string, run: (context: JobContext) => void | Promise<void>): Job => ({
  name,
  everySeconds: 60,
  run: async (context) => {
    await run(context);
    return undefined;
  },
});
