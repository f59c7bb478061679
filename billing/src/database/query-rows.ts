import type { Knex } from 'knex';

/** What may stand for a `?`. Knex's own type leaves out bigint, which the driver writes as its digits, and arrays that are readonly. */
export type Binding = Knex.RawBinding | bigint | readonly string[] | readonly number[];

/** Rows of a raw query, on a database or in a transaction. `Row` says what the SQL selects: nothing checks it. */
export const queryRows = async <Row>(
  database: Knex,
  sql: string,
  bindings: readonly Binding[] = [],
): Promise<readonly Row[]> => {
  const { rows } = await database.raw<{ readonly rows: readonly Row[] }>(sql, bindings as readonly Knex.RawBinding[]);
  return rows;
};

/** Runs a raw statement; gives the number of rows that it changed. */
export const runSql = async (database: Knex, sql: string, bindings: readonly Binding[] = []): Promise<number> => {
  const { rowCount } = await database.raw<{ readonly rowCount: number | null }>(
    sql,
    bindings as readonly Knex.RawBinding[],
  );
  return rowCount ?? 0;
};
