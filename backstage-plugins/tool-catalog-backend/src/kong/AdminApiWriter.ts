import type { KongAdminClient } from './KongAdminClient';
import {
  consumerTags,
  foreignConsumer,
  keyIdOf,
  keyTags,
  MANAGED_TAG,
  type KongChange,
  type KongWriter,
  type ManagedConsumer,
} from './kongChanges';

interface Consumer {
  readonly id: string;
  readonly username: string | null;
  readonly tags: readonly string[] | null;
}

interface Credential {
  readonly id: string;
  readonly tags: readonly string[] | null;
}

/** Kong with a database: one request per change. */
export class AdminApiWriter implements KongWriter {
  constructor(private readonly admin: KongAdminClient) {}

  async managed(): Promise<readonly ManagedConsumer[]> {
    const consumers = await this.admin.list<Consumer>('/consumers', { tags: MANAGED_TAG });
    const found: ManagedConsumer[] = [];
    for (const { id, username, tags } of consumers) {
      if (username === null) continue;
      const keys = await this.keysOf(id);
      found.push({ username, tags: tags ?? [], keyIds: keys.flatMap((key) => keyIdOf(key.tags) ?? []) });
    }
    return found;
  }

  async apply(changes: readonly KongChange[]): Promise<void> {
    for (const username of new Set(changes.map((change) => change.username))) await this.refuseForeign(username);
    for (const change of changes) await this.applyOne(change);
  }

  private async refuseForeign(username: string): Promise<void> {
    const consumer = await this.find(username);
    if (consumer !== undefined && consumer.tags?.includes(MANAGED_TAG) !== true) throw foreignConsumer(username);
  }

  private async applyOne(change: KongChange): Promise<void> {
    const path = `/consumers/${encodeURIComponent(change.username)}`;
    switch (change.kind) {
      case 'put_consumer':
        await this.admin.send('PUT', path, { username: change.username, tags: consumerTags(change.tags) });
        return;
      case 'delete_consumer':
        await this.admin.send('DELETE', path);
        return;
      case 'put_key':
        await this.removeKey(change.username, change.keyId);
        await this.admin.send('POST', `${path}/key-auth`, { key: change.secret, tags: keyTags(change.keyId) });
        return;
      case 'delete_key':
        await this.removeKey(change.username, change.keyId);
        return;
    }
  }

  private async removeKey(username: string, keyId: string): Promise<void> {
    if ((await this.find(username)) === undefined) return;
    for (const key of await this.keysOf(username))
      if (keyIdOf(key.tags) === keyId)
        await this.admin.send('DELETE', `/consumers/${encodeURIComponent(username)}/key-auth/${key.id}`);
  }

  private find(username: string): Promise<Consumer | undefined> {
    return this.admin.find<Consumer>(`/consumers/${encodeURIComponent(username)}`);
  }

  private keysOf(consumer: string): Promise<readonly Credential[]> {
    return this.admin.list<Credential>(`/consumers/${encodeURIComponent(consumer)}/key-auth`);
  }
}
