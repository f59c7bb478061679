import knex, { type Knex } from 'knex';
import pg from 'pg';

/** Queries and transactions on the schema `billing`. */
export type Database = Knex;

export interface DatabaseOptions {
  /** Most connections at once. 10: a page of the portal takes one, and PostgreSQL allows 100 for everybody. */
  readonly poolSize?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
}

/** A connection that is not had within this time is an outage, which the caller answers with 503. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens lazily: an unreachable server is an error of the first query. Columns read as follows: `bigint` and counts as bigint,
 * `date` as 'YYYY-MM-DD' (a Date would be a local midnight), `timestamptz` as Date, `numeric` as text.
 */
export const openDatabase = (url: string, options: DatabaseOptions = {}): Database =>
  knex({
    client: 'pg',
    connection: {
      connectionString: url,
      application_name: options.applicationName ?? 'stoa-billing',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      types: columnTypes,
    },
    pool: { min: 0, max: options.poolSize ?? 10, afterCreate: prepareSession },
    acquireConnectionTimeout: CONNECT_TIMEOUT_MS * 2,
    // Whatever it would print is also thrown, to somebody who knows what to do with it.
    log: { warn: ignore, error: ignore, deprecate: ignore, debug: ignore },
  });

const ignore = (): void => undefined;

const columnTypes: Knex.PgCustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (oid === (pg.types.builtins.INT8 as number)) return BigInt;
    if (oid === (pg.types.builtins.DATE as number)) return (text: string) => text;
    return pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text') as (value: string) => unknown;
  },
};

type Done = (error: Error | null | undefined, connection: pg.Client) => void;

/** `date_trunc` and casts to `date` follow the session's zone, and a day is UTC here whatever the server is set to. */
const prepareSession = (connection: pg.Client, done: Done): void => {
  connection.query(`set search_path to billing; set timezone to 'UTC'`, (error: Error | null | undefined) =>
    done(error, connection),
  );
};
