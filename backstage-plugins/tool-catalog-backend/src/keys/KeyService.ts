import { randomUUID } from 'node:crypto';
import type { ApplicationRecord } from '../database/ApplicationStore';
import type { KeyStore, StoredKey } from '../database/KeyStore';
import type { KongWriter } from '../kong/kongChanges';
import { createApiKey } from './apiKey';
import { isUsable, MAX_USABLE_KEYS, overlapEnd } from './keyLife';
import { wantedConsumer } from './wantedConsumer';

export interface KeyServiceOptions {
  readonly store: KeyStore;
  readonly kong: KongWriter;
  readonly now: () => number;
  /** What went wrong with Kong, without secrets. */
  readonly onSyncFailure: (message: string) => void;
}

export interface IssuedKey {
  readonly key: StoredKey;
  /** Leaves this process once, in the answer to whoever asked. */
  readonly secret: string;
}

export type KeyRefusal = 'too_many_keys' | 'not_usable';

/**
 * Keys of applications. A key is first noted here (hash and prefix), then given to Kong: a key that Kong has and the portal
 * does not know cannot exist. When Kong cannot be reached the key is marked failed and revoked, since nobody could use it.
 */
export class KeyService {
  constructor(private readonly options: KeyServiceOptions) {}

  async create(
    application: ApplicationRecord,
    wanted: { readonly name: string; readonly actor: string; readonly expiresAt?: number },
  ): Promise<IssuedKey | KeyRefusal> {
    const { store, now } = this.options;
    const keys = await store.ofApplications([application.id]);
    if (keys.filter((key) => isUsable(key, now())).length >= MAX_USABLE_KEYS) return 'too_many_keys';
    return this.issue(application, wanted);
  }

  /** A new key beside the old one, which goes on for `overlapHours`. */
  async rotate(
    application: ApplicationRecord,
    old: StoredKey,
    { actor, overlapHours }: { readonly actor: string; readonly overlapHours: number },
  ): Promise<IssuedKey | KeyRefusal> {
    const { store, now } = this.options;
    if (!isUsable(old, now()) || old.replacedBy !== undefined) return 'not_usable';
    const issued = await this.issue(application, {
      name: old.name,
      actor,
      ...(old.expiresAt === undefined ? {} : { expiresAt: old.expiresAt }),
    });
    await store.replace(old.id, { by: issued.key.id, expiresAt: overlapEnd(old, { now: now(), overlapHours }) });
    return issued;
  }

  /** Takes the key out of Kong; the next request with it is refused. Rejects, and says so in the key, when Kong is away. */
  async revoke(application: ApplicationRecord, key: StoredKey, actor: string): Promise<void> {
    const { store, kong, now } = this.options;
    await store.revoke(key.id, { by: actor, now: now() });
    await this.synced(key.id, () =>
      kong.apply([{ kind: 'delete_key', username: application.consumer, keyId: key.id }]),
    );
  }

  /** Keys whose time is over leave Kong, and what failed before is tried again. */
  async sweep(applications: ReadonlyMap<string, ApplicationRecord>): Promise<void> {
    const { store, kong, now } = this.options;
    for (const key of await store.all()) {
      const application = applications.get(key.application);
      const isGone = !isUsable(key, now());
      const isSettled = key.sync.state === 'ready' && (key.sync.at ?? 0) >= (key.revokedAt ?? key.expiresAt ?? 0);
      if (application === undefined || !isGone || isSettled) continue;
      await this.synced(key.id, () =>
        kong.apply([{ kind: 'delete_key', username: application.consumer, keyId: key.id }]),
      ).catch(() => undefined);
    }
  }

  private async issue(
    application: ApplicationRecord,
    { name, actor, expiresAt }: { readonly name: string; readonly actor: string; readonly expiresAt?: number },
  ): Promise<IssuedKey> {
    const { store, kong, now } = this.options;
    const { secret, prefix, hash } = createApiKey();
    const id = randomUUID();
    await store.add({
      ...{ id, application: application.id, name, prefix, hash, createdAt: now(), createdBy: actor },
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
    try {
      await this.synced(id, () =>
        kong.apply([
          { kind: 'put_consumer', ...wantedConsumer(application) },
          { kind: 'put_key', username: application.consumer, keyId: id, secret },
        ]),
      );
    } catch (error) {
      await store.revoke(id, { by: actor, now: now() });
      throw error;
    }
    const key = await store.find(id);
    if (key === undefined) throw new Error('A key vanished while it was made.');
    return { key, secret };
  }

  private async synced(id: string, change: () => Promise<void>): Promise<void> {
    const { store, now, onSyncFailure } = this.options;
    try {
      await change();
      await store.noteSync(id, { state: 'ready', at: now() });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      onSyncFailure(message);
      await store.noteSync(id, { state: 'failed', error: message, at: now() });
      throw error;
    }
  }
}
