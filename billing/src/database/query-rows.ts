import type { Knex } from 'knex';

/** Rows of a raw query, on a database or in a transaction. `Row` says what the SQL selects: nothing checks it. */
export const queryRows = async <Row>(
  database: Knex,
  sql: string,
  bindings: readonly Knex.RawBinding[] = [],
): Promise<readonly Row[]> => {
  const { rows } = await database.raw<{ readonly rows: readonly Row[] }>(sql, [...bindings]);
  return rows;
};
