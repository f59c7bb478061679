import { LruMap } from '../domain/policies/lru-map.ts';
import type { TaskOwners } from '../ports/task-owners.ts';

interface Options {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** About 200 bytes each: 100,000 are 20 MB. */
  readonly maxEntries?: number;
  /** Since the task was last claimed or asked for. */
  readonly timeToLiveSeconds?: number;
}

interface Ownership {
  readonly owner: string;
  readonly expiresAt: number;
}

/** Task owners of one node. Several nodes need a shared store, or a task is unknown on all nodes but one: refused. */
export const createMemoryTaskOwners = ({
  now,
  maxEntries = 100_000,
  timeToLiveSeconds = 86_400,
}: Options): TaskOwners => {
  const entries = new LruMap<string, Ownership>(maxEntries);
  const keep = (key: string, owner: string): string => {
    entries.set(key, { owner, expiresAt: now() + timeToLiveSeconds * 1000 });
    return owner;
  };
  const find = (key: string): string | undefined => {
    const known = entries.get(key);
    if (known === undefined) return undefined;
    if (now() < known.expiresAt) return keep(key, known.owner);
    entries.delete(key);
    return undefined;
  };
  return {
    ownerOf: async (server, taskId) => find(keyOf(server, taskId)),
    claim: async (server, taskId, owner) => {
      const key = keyOf(server, taskId);
      return find(key) ?? keep(key, owner);
    },
  };
};

const keyOf = (server: string, taskId: string): string => JSON.stringify([server, taskId]);
