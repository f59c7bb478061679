import type { Knex } from 'knex';

/** One step forward. It runs in a transaction of its own; there is no way back, a mistake is corrected by a later step. */
export interface Migration {
  /** `NNN-what-it-makes`, the name of its file. */
  readonly name: string;
  up(database: Knex): Promise<void>;
}
