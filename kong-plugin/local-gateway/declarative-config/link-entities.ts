import type { Collected } from './collect-entities.ts';
import { entityNames, type Entities, type EntityName } from './entities.ts';
import { entitySchemas } from './entity-schemas.ts';
import type { ConfigIssue } from './kong-schema.ts';
import { isPlainObject } from './process-fields.ts';

/** Turns references by name into references by id, and refuses those that lead nowhere and names that are taken. */
export const linkEntities = (collected: readonly Collected[], issues: ConfigIssue[]): Entities => {
  const index = indexEntities(collected, issues);
  const linked = collected.map((item) => ({ entity: item.entity, fields: linkOne(item, index, issues) }));
  const byName = Object.fromEntries(
    entityNames.map((name) => [name, linked.filter(({ entity }) => entity === name).map(({ fields }) => fields)]),
  );
  return byName as unknown as Entities;
};

/** `entity` + NUL + id, name or unique value -> id. */
type Index = Map<string, string>;

const indexKey = (entity: EntityName, value: string): string => `${entity}\0${value}`;

const indexEntities = (collected: readonly Collected[], issues: ConfigIssue[]): Index => {
  const index: Index = new Map();
  const seen = new Set<string>();
  for (const { entity, fields, path } of collected) {
    const id = String(fields['id']);
    for (const field of uniqueFields(entity)) {
      const value = fields[field];
      if (typeof value !== 'string') continue;
      const key = `${field}\0${indexKey(entity, value)}`;
      if (seen.has(key)) issues.push({ path, message: taken(entity, field, value) });
      seen.add(key);
      if (field === 'id' || field === entitySchemas[entity].endpointKey) index.set(indexKey(entity, value), id);
    }
  }
  return index;
};

const taken = (entity: EntityName, field: string, value: string): string =>
  `uniqueness violation: '${entity}' entity with ${field === 'id' ? 'primary key' : field} set to ` +
  `'${field === 'key' ? 'a value' : value}' already declared`;

const uniqueFields = (entity: EntityName): readonly string[] => [
  'id',
  ...entitySchemas[entity].fields.flatMap((named) =>
    Object.entries(named).flatMap(([name, field]) => (field.unique === true ? [name] : [])),
  ),
];

const linkOne = (item: Collected, index: Index, issues: ConfigIssue[]): Readonly<Record<string, unknown>> => {
  const links = Object.entries(entitySchemas[item.entity].references).map(([field, target]) => {
    const value = item.fields[field];
    if (value === null || value === undefined) return [field, null];
    const name = referenceName(value);
    const id = name === undefined ? undefined : index.get(indexKey(target, name));
    if (id === undefined)
      issues.push({
        path: [...item.path, field],
        message: `invalid reference '${field}: ${name ?? JSON.stringify(value)}' (no such entry in '${target}')`,
      });
    return [field, id === undefined ? null : { id }];
  });
  return { ...item.fields, ...(Object.fromEntries(links) as Record<string, unknown>) };
};

const referenceName = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  if (!isPlainObject(value)) return undefined;
  const name = value['id'] ?? value['name'] ?? value['username'];
  return typeof name === 'string' ? name : undefined;
};
