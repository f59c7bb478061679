import { hostname } from 'node:os';
import { success } from '../../domain/result.ts';
import { createJobs } from '../../host/create-jobs.ts';
import { startBilling } from '../../host/start-billing.ts';
import type { ApiEvent } from '../../http/api-env.ts';
import { startWorker } from '../../worker/start-worker.ts';
import type { PlainCommand, SessionCommand } from '../command.ts';
import { misconfigured, unavailable } from '../failure.ts';
import type { Io } from '../io.ts';
import { describeDatabaseError, readSettings } from '../session.ts';

export const serve: PlainCommand = {
  name: 'serve',
  needs: 'nothing',
  summary: 'run the API, the ledger and the jobs',
  usage: '[--port N] [--no-jobs]',
  help: `Runs until it is told to stop (Ctrl-C, SIGTERM): takes what gateways ship, answers the API, and does the jobs: audit chain,
evidence, budgets, meters, invoices, reconciliation. Brings the database up to date first. Events go to standard error, one JSON
object a line.

  stoa-billing serve
  stoa-billing serve --port 8120 --no-jobs     # beside: stoa-billing worker

  --port N          instead of BILLING_PORT
  --no-jobs         leave the jobs to another process`,
  options: { port: { type: 'string' }, 'no-jobs': { type: 'boolean' } },
  positionals: { min: 0, max: 0 },
  run: async (parameters, io) => {
    const port = parameters.option('port');
    const settings = readSettings(
      port === undefined ? io : { ...io, environment: { ...io.environment, BILLING_PORT: port } },
    );
    if (!settings.ok) return settings;
    try {
      const runsJobs = !parameters.flag('no-jobs');
      const billing = await startBilling({ ...settings.value, log: createLog(io), runsJobs, now: io.now });
      io.err(`stoa-billing listens on ${billing.url}\n`);
      if (settings.value.apiToken === undefined)
        io.err('Make a token for the API with: stoa-billing token add NAME --role admin\n');
      await untilAborted(io.signal);
      await billing.close();
      return success({ text: '', json: { url: billing.url } });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EADDRINUSE' || code === 'EACCES')
        return misconfigured({
          path: 'BILLING_PORT',
          problem: `Port ${settings.value.port} ${code === 'EACCES' ? 'may not be used' : 'is in use'}.`,
          suggestion: 'Stop what listens there, or give another with --port.',
        });
      if (error instanceof Error && /PostgreSQL/.test(error.message)) return unavailable(error.message);
      return describeDatabaseError(error, settings.value.databaseUrl);
    }
  },
};

export const worker: SessionCommand = {
  name: 'worker',
  needs: 'database',
  summary: 'run the jobs alone',
  usage: '[--once]',
  help: `Runs the jobs that serve runs, in a process of their own. Any number may run: each job is done by one of them at a time.

  stoa-billing worker
  stoa-billing worker --once     # what is due now, for a timer of the operating system

  --once            do what is due, then end`,
  options: { once: { type: 'boolean' } },
  positionals: { min: 0, max: 0 },
  run: async (parameters, { database, settings, provider, now }, io) => {
    const failed: string[] = [];
    const log = createLog(io);
    const running = startWorker({
      ...{ database, now, isIdle: parameters.flag('once'), owner: `${hostname()}-${process.pid}` },
      jobs: createJobs({ ...settings, provider, log }),
      log: (event) => log({ ...event }),
      onRun: ({ job, isOk }) => void (isOk ? undefined : failed.push(job)),
    });
    if (parameters.flag('once')) await running.runDue();
    else await untilAborted(io.signal);
    await running.close();
    return success({
      hasFindings: failed.length > 0,
      text: failed.length > 0 ? `Jobs failed: ${failed.join(', ')}.` : parameters.flag('once') ? 'Done.' : '',
      json: { failed },
    });
  },
};

const createLog =
  ({ err, now }: Io) =>
  (event: ApiEvent): void =>
    err(`${JSON.stringify({ time: new Date(now()).toISOString(), ...event })}\n`);

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
