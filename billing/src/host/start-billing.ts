import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import packageJson from '../../package.json' with { type: 'json' };
import { migrate } from '../database/migrate.ts';
import type { Database } from '../database/open-database.ts';
import type { ApiContext, ApiEvent } from '../http/api-env.ts';
import { createApi } from '../http/create-api.ts';
import { createMetrics, type BillingMetrics } from '../http/metrics.ts';
import { createFindAccess } from '../http/token-store.ts';
import { createIngest } from '../ledger/ingest.ts';
import { findNodeByToken } from '../ledger/node-credentials.ts';
import { rollPartitions } from '../ledger/partitions.ts';
import type { ProviderContext } from '../stripe/provider-context.ts';
import { createWebhookReader } from '../stripe/webhooks/read-webhook.ts';
import { startWorker, type Worker } from '../worker/start-worker.ts';
import type { BillingSettings } from './billing-settings.ts';
import { createJobs } from './create-jobs.ts';
import { createProviderContext } from './create-provider-context.ts';
import { openServer } from './open-server.ts';

export interface StartBillingOptions extends BillingSettings {
  readonly log: (event: ApiEvent) => void;
  /** False: another process runs the jobs. */
  readonly runsJobs?: boolean;
  readonly now?: () => number;
}

export interface Billing {
  /** `http://127.0.0.1:8120` */
  readonly url: string;
  readonly port: number;
  readonly database: Database;
  /** Holds a password. */
  readonly databaseUrl: string;
  /** Undefined in mode off. */
  readonly provider?: ProviderContext;
  readonly worker: Worker;
  /** Ends requests and jobs that are under way, then the database that was started here. */
  close(): Promise<void>;
}

/** Everything of billing in one process: database, API, what gateways ship, Stripe, jobs. */
export const startBilling = async (options: StartBillingOptions): Promise<Billing> => {
  const { log, now = Date.now } = options;
  const server = await openServer(options);
  const { database } = server;
  try {
    // Several may start at once; a rolling update migrates with its first new process.
    const ran = await migrate(database);
    if (ran.length > 0) log({ level: 'info', message: `migrations ran: ${ran.join(', ')}` });
    await rollPartitions(database, new Date(now()));
    const provider = createProviderContext(options.stripe, { database, now });
    const metrics = createMetrics({ version: packageJson.version, database });
    const context = createContext(options, { database, now, metrics, provider });
    const http = createAdaptorServer({ fetch: createApi(context).fetch });
    http.listen(options.port, options.host);
    await Promise.race([
      once(http, 'listening'),
      once(http, 'error').then(([error]) => Promise.reject(error as Error)),
    ]);
    const { port } = http.address() as AddressInfo;
    const worker = startWorker({
      database,
      jobs: createJobs({ ...options, provider }),
      owner: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
      log: (event) => log({ ...event }),
      onRun: metrics.observeJob,
      now,
      isIdle: options.runsJobs === false,
    });
    return {
      url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
      ...{ port, database, databaseUrl: server.url, worker },
      ...(provider === undefined ? {} : { provider }),
      close: async () => {
        http.close();
        await worker.close();
        // Requests had the time that the jobs took; a client that keeps its connection open must not keep the process.
        if ('closeAllConnections' in http) http.closeAllConnections();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
};

interface Parts {
  readonly database: Database;
  readonly now: () => number;
  readonly metrics: BillingMetrics;
  readonly provider: ProviderContext | undefined;
}

const createContext = (options: StartBillingOptions, { database, now, metrics, provider }: Parts): ApiContext => {
  const { log, parties, apiToken, policyFile, policySecret, stripe } = options;
  return {
    ...{ database, now, log, parties, metrics },
    findAccess: createFindAccess({ database, now, ...(apiToken === undefined ? {} : { bootstrapToken: apiToken }) }),
    ingest: { ingest: createIngest(database), findNode: (token) => findNodeByToken(database, token) },
    policy: {
      readBase: () => (policyFile === undefined ? Promise.resolve(undefined) : readFile(policyFile, 'utf8')),
      ...(policySecret === undefined ? {} : { hmacSecret: policySecret }),
    },
    ...(provider === undefined || stripe.mode === 'off'
      ? {}
      : {
          stripe: {
            context: provider,
            webhooks: {
              ...{ database, environment: provider.environment, account: stripe.account, now },
              read: createWebhookReader(stripe, now),
              onRefused: (reason) => log({ level: 'warn', message: 'a webhook was refused', reason }),
              onFailure: (error) =>
                log({ level: 'error', message: 'a webhook could not be kept', error: String(error) }),
            },
          },
        }),
  };
};
