/** Everything the portal puts into Kong carries it; nothing without it is ever changed. */
export const MANAGED_TAG = 'managed-by:tool-catalog';

const KEY_TAG_PREFIX = 'key:';

export interface WantedConsumer {
  readonly username: string;
  /** Tenant, application and team of the consumer: what the gateway's plugin reads. */
  readonly tags: readonly string[];
  readonly keyIds: readonly string[];
}

/** A consumer in Kong with our tag, and those of its keys that carry our tag. */
export interface ManagedConsumer {
  readonly username: string;
  readonly tags: readonly string[];
  readonly keyIds: readonly string[];
}

export type KongChange =
  | { readonly kind: 'put_consumer'; readonly username: string; readonly tags: readonly string[] }
  | { readonly kind: 'delete_consumer'; readonly username: string }
  | { readonly kind: 'put_key'; readonly username: string; readonly keyId: string; readonly secret: string }
  | { readonly kind: 'delete_key'; readonly username: string; readonly keyId: string };

/**
 * Where Kong's consumers and keys are changed: its Admin API, or the declarative file of a DB-less Kong. The contract:
 *
 * - `apply` makes all changes or rejects; what it made before a failure may be applied again (changes are idempotent).
 * - An entity of the same name without our tag is a foreign one: the whole `apply` rejects before anything is changed.
 * - No error and no log line contains a key's secret.
 */
export interface KongWriter {
  managed(): Promise<readonly ManagedConsumer[]>;
  apply(changes: readonly KongChange[]): Promise<void>;
}

/** What a dry run shows. A lost key cannot be made again, since only its hash is kept: the owner has to rotate it. */
export interface KongDiff {
  readonly changes: readonly Exclude<KongChange, { kind: 'put_key' }>[];
  readonly lostKeys: readonly { readonly username: string; readonly keyId: string }[];
}

/** What separates Kong from what the portal's database wants. Only entities with our tag are looked at. */
export const diffKong = (wanted: readonly WantedConsumer[], managed: readonly ManagedConsumer[]): KongDiff => {
  const present = new Map(managed.map((consumer) => [consumer.username, consumer]));
  const usernames = new Set(wanted.map(({ username }) => username));
  const surplus = managed.filter(({ username }) => !usernames.has(username));
  return {
    changes: [
      ...wanted.flatMap((consumer) => changesOf(consumer, present.get(consumer.username))),
      ...surplus.map(({ username }) => ({ kind: 'delete_consumer', username }) as const),
    ],
    lostKeys: wanted.flatMap(({ username, keyIds }) => {
      const there = new Set(present.get(username)?.keyIds);
      return keyIds.filter((keyId) => !there.has(keyId)).map((keyId) => ({ username, keyId }));
    }),
  };
};

const changesOf = (
  { username, tags, keyIds }: WantedConsumer,
  present: ManagedConsumer | undefined,
): readonly Exclude<KongChange, { kind: 'put_key' }>[] => {
  const put = { kind: 'put_consumer', username, tags } as const;
  if (present === undefined) return [put];
  const kept = new Set(keyIds);
  return [
    ...(sameTags(tags, present.tags) ? [] : [put]),
    ...present.keyIds
      .filter((keyId) => !kept.has(keyId))
      .map((keyId) => ({ kind: 'delete_key', username, keyId }) as const),
  ];
};

/** Our own tag is put on by the writer and is not part of what is wanted. */
const sameTags = (wanted: readonly string[], present: readonly string[]): boolean =>
  JSON.stringify([...wanted].sort()) === JSON.stringify(present.filter((tag) => tag !== MANAGED_TAG).sort());

export const consumerTags = (tags: readonly string[]): string[] => [MANAGED_TAG, ...tags];

export const keyTags = (keyId: string): string[] => [MANAGED_TAG, `${KEY_TAG_PREFIX}${keyId}`];

/** The portal's id of a key, from its tags; undefined for a key that is not ours. */
export const keyIdOf = (tags: readonly string[] | null | undefined): string | undefined =>
  tags?.includes(MANAGED_TAG) === true
    ? tags.find((tag) => tag.startsWith(KEY_TAG_PREFIX))?.slice(KEY_TAG_PREFIX.length)
    : undefined;

export const foreignConsumer = (username: string): Error =>
  new Error(
    `Kong has a consumer "${username}" that does not carry the tag ${MANAGED_TAG}: it is somebody else's and stays as it is. Rename the application, or remove that consumer.`,
  );
