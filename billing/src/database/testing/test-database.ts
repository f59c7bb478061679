import { inject } from 'vitest';
import { openDatabase, type Database } from '../open-database.ts';
import type { PostgresAnswer } from './global-setup.ts';
import { cloneDatabase, createEmptyDatabase, dropTestDatabase, urlOfDatabase } from './template-database.ts';

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  /** Drops it, whoever is still connected. */
  close(): Promise<void>;
}

const ask = async (): Promise<PostgresAnswer> => {
  const response = await fetch(inject('billingPostgres'));
  return (await response.json()) as PostgresAnswer;
};

/** For `describe.skipIf(!hasPostgres)`: starts the run's server when it is the first to ask. */
const answer = await ask();
export const hasPostgres = answer.url !== undefined;

/** A database of its own with every migration, for one test or one file. */
export const createTestDatabase = (): Promise<TestDatabase> => create(cloneDatabase);

/** One without any table, for tests of the migrations. */
export const createUnmigratedDatabase = (): Promise<TestDatabase> => create(createEmptyDatabase);

const create = async (make: (url: string, template: string) => Promise<string>): Promise<TestDatabase> => {
  if (answer.url === undefined) throw new Error(`There is no PostgreSQL: ${answer.reason}`);
  const { url: server, template } = answer;
  const name = await make(server, template);
  const url = urlOfDatabase(server, name);
  const database = openDatabase(url);
  const close = async (): Promise<void> => {
    await database.destroy();
    await dropTestDatabase(server, name);
  };
  return { url, database, close };
};
