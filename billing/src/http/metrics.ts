import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '../database/open-database.ts';
import { queryRows } from '../database/query-rows.ts';
import { listNodes } from '../ledger/node-credentials.ts';
import type { IngestObserver } from './routes/ingest.ts';

export interface BillingMetrics {
  readonly contentType: string;
  /** The text of `/metrics`. Gauges are read from the database at each scrape; while it is away they are left out. */
  render(): Promise<string>;
  /** `route` is the pattern, never the path: ids would make a series each. */
  observeRequest(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  readonly observeJob: (run: { readonly job: string; readonly isOk: boolean }) => void;
  readonly ingest: IngestObserver;
}

/** A gateway has a few nodes; a thousand times their number still makes a small scrape. */
const MAX_NODES = 1_000;

export const createMetrics = ({
  version,
  database,
  withProcess = true,
}: {
  readonly version: string;
  readonly database: Database;
  readonly withProcess?: boolean;
}): BillingMetrics => {
  const registry = new Registry();
  if (withProcess) collectDefaultMetrics({ register: registry });
  const meters = createMeters(registry);
  meters.build.set({ version }, 1);
  return {
    contentType: registry.contentType,
    render: async () => {
      await sample(database, meters);
      return registry.metrics();
    },
    observeRequest: ({ method, route, status, seconds }) => {
      meters.requests.inc({ method, route, status });
      meters.duration.observe({ route }, seconds);
    },
    observeJob: ({ job, isOk }) => meters.jobs.inc({ job, result: isOk ? 'ok' : 'failed' }),
    ingest: {
      onBatch: ({ accepted, duplicate, quarantined, milliseconds }) => {
        meters.events.inc({ result: 'accepted' }, accepted);
        meters.events.inc({ result: 'duplicate' }, duplicate);
        meters.events.inc({ result: 'quarantined' }, quarantined.length);
        meters.batch.observe(milliseconds / 1000);
      },
      onRefused: ({ status }) => meters.refused.inc({ status }),
    },
  };
};

type Meters = ReturnType<typeof createMeters>;

const createMeters = (registry: Registry) => {
  const registers = [registry];
  const gauge = <const Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `stoa_billing_${name}`, help, labelNames: [...labelNames], registers });
  const counter = <const Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `stoa_billing_${name}`, help, labelNames: [...labelNames], registers });
  return {
    build: gauge('build_info', 'Always 1; the version is the label.', ['version']),
    requests: counter('http_requests_total', 'Requests answered.', ['method', 'route', 'status']),
    duration: new Histogram({
      name: 'stoa_billing_http_request_seconds',
      help: 'Time to the answer.',
      labelNames: ['route'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    events: counter('events_total', 'Events of gateway nodes, by what became of them.', ['result']),
    batch: new Histogram({
      name: 'stoa_billing_batch_seconds',
      help: 'Time to store a batch.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    refused: counter('batches_refused_total', 'Batches that were not taken, by status.', ['status']),
    jobs: counter('job_runs_total', 'Runs of jobs in this process.', ['job', 'result']),
    databaseUp: gauge('database_up', '1 while the database answers.'),
    skew: gauge('node_clock_skew_seconds', "A node's clock minus ours.", ['node']),
    missing: gauge('node_missing_records', 'Records that a node wrote and the ledger does not have.', ['node']),
    quarantined: gauge('quarantine_open', 'Events that can never be accepted and wait for somebody.'),
    notices: gauge('budget_notices_waiting', 'Notices that were not delivered yet.'),
    exhausted: gauge('budgets_exhausted', 'Budgets used up when they were last compared.'),
    overdue: gauge('job_overdue_seconds', 'How late a job is.', ['job']),
  };
};

const sample = async (database: Database, meters: Meters): Promise<void> => {
  for (const meter of [meters.skew, meters.missing, meters.overdue]) meter.reset();
  try {
    for (const { nodeId, skewMs, missing } of (await listNodes(database)).slice(0, MAX_NODES)) {
      if (skewMs !== null) meters.skew.set({ node: nodeId }, Number(skewMs) / 1000);
      meters.missing.set({ node: nodeId }, Number(missing));
    }
    await sampleWork(database, meters);
    meters.databaseUp.set(1);
  } catch {
    meters.databaseUp.set(0);
  }
};

interface WorkRow {
  readonly quarantined: bigint;
  readonly notices: bigint;
  readonly exhausted: bigint;
}

const sampleWork = async (database: Database, meters: Meters): Promise<void> => {
  const [work] = await queryRows<WorkRow>(
    database,
    `select (select count(*) from billing.quarantine where resolved_at is null) as quarantined,
       (select count(*) from billing.budget_notice where next_attempt_at is not null) as notices,
       (select count(*) from billing.budget_state
        where is_exhausted and period_start = date_trunc('month', now())::date) as exhausted`,
  );
  meters.quarantined.set(Number(work?.quarantined ?? 0));
  meters.notices.set(Number(work?.notices ?? 0));
  meters.exhausted.set(Number(work?.exhausted ?? 0));
  const overdue = await queryRows<{ readonly name: string; readonly seconds: number }>(
    database,
    `select name, greatest(0, extract(epoch from now() - next_run_at))::float8 as seconds from billing.job_lease
     where expires_at <= now()`,
  );
  for (const { name, seconds } of overdue) meters.overdue.set({ job: name }, seconds);
};
