import path from 'node:path';
import { startEmbeddedPostgres } from '../database/embedded-postgres.ts';
import { openDatabase, type Database } from '../database/open-database.ts';
import type { BillingSettings } from './billing-settings.ts';

export interface OpenServer {
  readonly database: Database;
  /** Holds a password. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The database of the settings: the one that is given, or an embedded PostgreSQL below the data directory. */
export const openServer = async (
  { databaseUrl, dataDirectory }: Pick<BillingSettings, 'databaseUrl' | 'dataDirectory'>,
  applicationName = 'stoa-billing',
): Promise<OpenServer> => {
  if (databaseUrl !== undefined) {
    const database = openDatabase(databaseUrl, { applicationName });
    return { database, url: databaseUrl, close: () => database.destroy() };
  }
  const server = await startEmbeddedPostgres({ directory: path.join(dataDirectory, 'postgres') });
  const database = openDatabase(server.url, { applicationName });
  const close = async (): Promise<void> => {
    await database.destroy();
    await server.stop();
  };
  return { database, url: server.url, close };
};
