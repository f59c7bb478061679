import { createHash, randomUUID } from 'node:crypto';
import type { EntityName } from './entities.ts';

/** Namespace of all generated ids in DB-less Kong (kong/db/schema/others/declarative_config.lua). */
const ENTITIES_NAMESPACE = 'fd02801f-0957-4a15-a55a-c8d9606f30b5';

/** RFC 9562 version 5. */
export const uuidV5 = (namespace: string, name: string): string => {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

type Item = Readonly<Record<string, unknown>>;

/** Of an entity written inside another: which field refers to the parent, and the parent's id. */
export interface Parent {
  readonly field: string;
  readonly id: string;
}

/**
 * The id of an entity that was given none. The same on every start for everything that has a name; random for credentials,
 * as on Kong: an id derived from a secret would be a hash of the secret.
 */
export const generateId = (entity: EntityName, item: Item, parent: Parent | undefined): string => {
  const key = idKey(entity, item, parent);
  return key === undefined ? randomUUID() : uuidV5(uuidV5(ENTITIES_NAMESPACE, entity), key);
};

const idKey = (entity: EntityName, item: Item, parent: Parent | undefined): string | undefined => {
  if (entity === 'plugins') return cacheKey(entity, item, parent, ['name', 'route', 'service', 'consumer']);
  if (entity === 'acls') return cacheKey(entity, item, parent, ['consumer', 'group']);
  const name = entity === 'consumers' ? item['username'] : item['name'];
  const isNamed = entity === 'consumers' || entity === 'services' || entity === 'routes';
  return isNamed && typeof name === 'string' ? name : undefined;
};

const cacheKey = (
  entity: EntityName,
  item: Item,
  parent: Parent | undefined,
  fields: readonly string[],
): string | undefined => {
  const parts = fields.map((field) => {
    const value = item[field];
    if (typeof value === 'string') return value;
    if (typeof value === 'object' && value !== null) return undefined;
    return parent?.field === field ? parent.id : '';
  });
  return parts.includes(undefined) ? undefined : [entity, '*', ...parts].join(':');
};
