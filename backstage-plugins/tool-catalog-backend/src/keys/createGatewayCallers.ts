import type { ApplicationRecord } from '../database/ApplicationStore';
import type { GatewayCaller } from '../gateway/ManagementClient';
import type { KongAdminClient } from '../kong/KongAdminClient';
import { MANAGED_TAG } from '../kong/kongChanges';
import { wantedConsumer } from './wantedConsumer';

interface Consumer {
  readonly id: string;
  readonly custom_id?: string | null;
  readonly tags?: readonly string[] | null;
}

/**
 * Whom the gateway sees when the application calls: its consumer in Kong, with its groups. A consumer of the same name that
 * is not ours is somebody else, whose counters are nobody's business here.
 */
export const createGatewayCallers =
  (admin: KongAdminClient): ((application: ApplicationRecord) => Promise<GatewayCaller>) =>
  async (application) => {
    const wanted = wantedConsumer(application);
    const path = `/consumers/${encodeURIComponent(wanted.username)}`;
    const found = await admin.find<Consumer>(path);
    // Before its first key Kong does not know the application: no counter can be under its id yet.
    if (found?.tags?.includes(MANAGED_TAG) !== true) return { id: wanted.username, ...wanted, groups: [] };
    const groups = await admin.list<{ readonly group: string }>(`${path}/acls`);
    return {
      ...{ id: found.id, username: wanted.username, tags: found.tags, groups: groups.map(({ group }) => group) },
      ...(typeof found.custom_id === 'string' ? { custom_id: found.custom_id } : {}),
    };
  };
