import { readFile } from 'node:fs/promises';
import { serve } from '@hono/node-server';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.ts';
import { migrate } from '../src/database/migrate.ts';
import { openDatabase, type Database } from '../src/database/open-database.ts';
import { createApi } from '../src/http/create-api.ts';
import { createFindAccess } from '../src/http/token-store.ts';
import { createIngest } from '../src/ledger/ingest.ts';
import { createNodeCredential, findNodeByToken, revokeNodeCredential } from '../src/ledger/node-credentials.ts';
import { importPrices } from '../src/price-book/import-prices.ts';
import { readPriceDocument } from '../src/price-book/read-price-document.ts';
import type { ProviderContext } from '../src/stripe/provider-context.ts';
import { startStripeDouble, type StripeDouble } from '../testing/stripe-double/start-stripe-double.ts';
import { databaseDirectory } from './database-directory.ts';
import { openDemoStripe, prepareDemoCatalog } from './demo-stripe.ts';

export interface BillingDemoOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly dataDirectory: string;
  /** Price document with the tenants (billing/demo/prices.yml). */
  readonly pricesFile: string;
  readonly nodeId: string;
  /** Of whoever asks the API, 32 characters or more: it may see everything. */
  readonly apiToken: string;
  readonly log?: (line: string) => void;
}

export interface BillingDemo {
  readonly url: string;
  /** With which the gateway's node ships its records. */
  readonly nodeToken: string;
  /** Address of another database in the same server, made when it is missing: for the portal. */
  databaseNamed(name: string): Promise<string>;
  readonly database: Database;
  readonly stripeDouble: StripeDouble;
  readonly stripe: ProviderContext;
  close(): Promise<void>;
}

/** The ledger, its API and the Stripe double, with the demo's tenants and prices. Leaves nothing running when it fails. */
export const startBillingDemo = async (options: BillingDemoOptions): Promise<BillingDemo> => {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const directory = await databaseDirectory(options.dataDirectory, options.log ?? (() => undefined));
    const postgres = await startEmbeddedPostgres({ directory });
    closers.push(() => postgres.stop());
    const database = openDatabase(postgres.url);
    closers.push(() => database.destroy());
    await migrate(database);
    await loadPrices(database, options.pricesFile);
    const nodeToken = await renewCredential(database, options.nodeId);
    const stripeDouble = await startStripeDouble();
    closers.push(() => stripeDouble.close());
    const stripe = openDemoStripe(database, stripeDouble.url);
    await prepareDemoCatalog(stripe);
    const api = await startApi(database, options);
    closers.push(api.close);
    return {
      ...{ url: api.url, nodeToken, database, stripeDouble, stripe, close },
      databaseNamed: (name) => ensureDatabase(database, { name, url: postgres.url }),
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const loadPrices = async (database: Database, file: string): Promise<void> => {
  const document = readPriceDocument(await readFile(file, 'utf8'));
  const imported = document.ok ? await importPrices(database, document.value, { actor: 'demo' }) : document;
  if (!imported.ok)
    throw new Error(`${file}: ${imported.error.map((issue) => `${issue.path}: ${issue.problem}`).join('; ')}`);
};

const ensureDatabase = async (
  database: Database,
  { name, url }: { readonly name: string; readonly url: string },
): Promise<string> => {
  const found = await database('pg_database').where({ datname: name }).first<object | undefined>('datname');
  if (found === undefined) await database.raw('create database ??', [name]);
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
};

/** The token is known to the process that made it only, so each start makes a new one. */
const renewCredential = async (database: Database, nodeId: string): Promise<string> => {
  await revokeNodeCredential(database, nodeId);
  const made = await createNodeCredential(database, nodeId);
  if (!made.ok) throw new Error(`${made.error.path}: ${made.error.problem}`);
  return made.value.token;
};

const startApi = (
  database: Database,
  { port, apiToken, log = () => undefined }: BillingDemoOptions,
): Promise<{ readonly url: string; readonly close: () => Promise<unknown> }> => {
  const app = createApi({
    database,
    findAccess: createFindAccess({ database, bootstrapToken: apiToken }),
    now: Date.now,
    log: ({ level, message, error }) => log(`billing ${level}: ${message}${error === undefined ? '' : `: ${error}`}`),
    parties: { issuer: 'Demo Tools Ltd', provider: 'Demo Tools Ltd', publisher: 'Demo Tools Ltd' },
    ingest: { ingest: createIngest(database), findNode: (token) => findNodeByToken(database, token) },
  });
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, ({ port: chosen }) =>
      resolve({
        url: `http://127.0.0.1:${chosen}`,
        close: () => new Promise((done) => server.close(done)),
      }),
    );
    server.once('error', reject);
  });
};
