import type { Knex } from 'knex';
import type { KeyRecord } from '../keys/keyLife';

export type SyncState = 'pending' | 'ready' | 'failed';

export interface StoredKey extends KeyRecord {
  readonly sync: { readonly state: SyncState; readonly error?: string; readonly at?: number };
}

interface Row {
  readonly id: string;
  readonly application: string;
  readonly name: string;
  readonly prefix: string;
  readonly hash: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly replaced_by: string | null;
  readonly sync_state: SyncState;
  readonly sync_error: string | null;
  readonly synced_at: string | null;
}

/** Keys of applications: hash and prefix, never the key. */
export class KeyStore {
  constructor(private readonly knex: Knex) {}

  async ofApplications(applications: readonly string[]): Promise<readonly StoredKey[]> {
    return (await this.knex<Row>('api_key').whereIn('application', applications).orderBy('created_at')).map(toKey);
  }

  async all(): Promise<readonly StoredKey[]> {
    return (await this.knex<Row>('api_key').orderBy('created_at')).map(toKey);
  }

  async find(id: string): Promise<StoredKey | undefined> {
    const row = await this.knex<Row>('api_key').where({ id }).first();
    return row === undefined ? undefined : toKey(row);
  }

  async add(key: KeyRecord): Promise<void> {
    await this.knex('api_key').insert({
      id: key.id,
      application: key.application,
      name: key.name,
      prefix: key.prefix,
      hash: key.hash,
      created_at: key.createdAt,
      created_by: key.createdBy,
      expires_at: key.expiresAt ?? null,
      sync_state: 'pending',
    });
  }

  /** The new key stands for the old one, which ends at `expiresAt`. */
  async replace(id: string, { by, expiresAt }: { readonly by: string; readonly expiresAt: number }): Promise<void> {
    await this.knex('api_key').where({ id }).update({ replaced_by: by, expires_at: expiresAt });
  }

  async revoke(id: string, { by, now }: { readonly by: string; readonly now: number }): Promise<void> {
    await this.knex('api_key')
      .where({ id })
      .whereNull('revoked_at')
      .update({ revoked_at: now, revoked_by: by, sync_state: 'pending', sync_error: null });
  }

  async noteSync(id: string, sync: StoredKey['sync']): Promise<void> {
    await this.knex('api_key')
      .where({ id })
      .update({ sync_state: sync.state, sync_error: sync.error ?? null, synced_at: sync.at ?? null });
  }
}

const toKey = (row: Row): StoredKey => ({
  id: row.id,
  application: row.application,
  name: row.name,
  prefix: row.prefix,
  hash: row.hash,
  createdAt: Number(row.created_at),
  createdBy: row.created_by,
  ...(row.expires_at === null ? {} : { expiresAt: Number(row.expires_at) }),
  ...(row.revoked_at === null ? {} : { revokedAt: Number(row.revoked_at) }),
  ...(row.replaced_by === null ? {} : { replacedBy: row.replaced_by }),
  sync: {
    state: row.sync_state,
    ...(row.sync_error === null ? {} : { error: row.sync_error }),
    ...(row.synced_at === null ? {} : { at: Number(row.synced_at) }),
  },
});
