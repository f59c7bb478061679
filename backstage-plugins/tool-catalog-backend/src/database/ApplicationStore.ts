import type { Knex } from 'knex';

export interface ApplicationRecord {
  readonly id: string;
  readonly name: string;
  /** Entity ref of the group that owns it. */
  readonly team: string;
  readonly tenant: string;
  /** Username of its consumer in Kong. */
  readonly consumer: string;
  readonly createdBy: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly sealedTryKey?: string;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly team: string;
  readonly tenant: string;
  readonly consumer: string;
  readonly created_by: string;
  readonly created_at: string;
  readonly sealed_try_key: string | null;
}

export class ApplicationStore {
  constructor(private readonly knex: Knex) {}

  async all(): Promise<readonly ApplicationRecord[]> {
    return (await this.knex<Row>('application').orderBy('id')).map(toRecord);
  }

  async ofTeams(teams: readonly string[]): Promise<readonly ApplicationRecord[]> {
    return (await this.knex<Row>('application').whereIn('team', teams).orderBy('id')).map(toRecord);
  }

  async find(id: string): Promise<ApplicationRecord | undefined> {
    const row = await this.knex<Row>('application').where({ id }).first();
    return row === undefined ? undefined : toRecord(row);
  }

  /** False where the id is taken. */
  async add(application: ApplicationRecord): Promise<boolean> {
    const inserted = await this.knex('application')
      .insert({
        id: application.id,
        name: application.name,
        team: application.team,
        tenant: application.tenant,
        consumer: application.consumer,
        created_by: application.createdBy,
        created_at: application.createdAt,
      })
      .onConflict()
      .ignore()
      .returning('id');
    return inserted.length === 1;
  }

  async keepTryKey(id: string, sealed: string): Promise<void> {
    await this.knex('application').where({ id }).update({ sealed_try_key: sealed });
  }
}

const toRecord = (row: Row): ApplicationRecord => ({
  id: row.id,
  name: row.name,
  team: row.team,
  tenant: row.tenant,
  consumer: row.consumer,
  createdBy: row.created_by,
  createdAt: Number(row.created_at),
  ...(row.sealed_try_key === null ? {} : { sealedTryKey: row.sealed_try_key }),
});
