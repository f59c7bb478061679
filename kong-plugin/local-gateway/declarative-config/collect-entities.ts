import { randomBytes } from 'node:crypto';
import { generateId, type Parent } from './entity-id.ts';
import { checkEntity } from './entity-checks.ts';
import { entityNames, type EntityName } from './entities.ts';
import { entitySchemas } from './entity-schemas.ts';
import type { ConfigIssue } from './kong-schema.ts';
import type { PluginSchema } from './plugin-schema.ts';
import { isPlainObject, processRecord, type Fields } from './process-fields.ts';
import { expandUrl } from './service-url.ts';

type Path = readonly (string | number)[];

/** One entity as written, with the place where it was written. */
export interface Collected {
  readonly entity: EntityName;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

export interface CollectOptions {
  readonly plugins: ReadonlyMap<string, PluginSchema>;
  /** Seconds since the epoch: `created_at` of everything. */
  readonly now: number;
  readonly issues: ConfigIssue[];
}

/** Walks the tree of a declarative configuration: checks each entity, fills its defaults, gives it an id, and flattens. */
export const collectEntities = (root: Fields, options: CollectOptions): readonly Collected[] =>
  entityNames.flatMap((entity) => collectList(entity, root[entity], { path: [entity] }, options));

interface Place {
  readonly path: Path;
  readonly parent?: Parent;
}

const collectList = (entity: EntityName, list: unknown, place: Place, options: CollectOptions): Collected[] => {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) {
    options.issues.push({ path: place.path, message: 'expected an array' });
    return [];
  }
  return list.flatMap((item: unknown, index) => {
    const path = [...place.path, index + 1];
    if (isPlainObject(item)) return collectOne(entity, item, { ...place, path }, options);
    options.issues.push({ path, message: 'expected a record' });
    return [];
  });
};

/** In the parent's list the field that refers back is the parent's name in the singular. */
const singular: Readonly<Partial<Record<EntityName, string>>> = {
  services: 'service',
  routes: 'route',
  consumers: 'consumer',
};

const collectOne = (entity: EntityName, item: Fields, place: Place, options: CollectOptions): Collected[] => {
  const schema = entitySchemas[entity];
  const { _comment, _ignore, ...written } = expandItem(entity, item, place.path, options.issues);
  const nested = schema.children.filter((child) => child in written);
  const own = Object.fromEntries(Object.entries(written).filter(([key]) => !nested.includes(key as EntityName)));
  const id = typeof own['id'] === 'string' ? own['id'] : generateId(entity, own, place.parent);
  const fields = processEntity(entity, { ...own, id }, place, options);
  const field = singular[entity];
  const children = nested.flatMap((child) =>
    collectList(
      child,
      written[child],
      { path: [...place.path, child], ...(field === undefined ? {} : { parent: { field, id } }) },
      options,
    ),
  );
  return [{ entity, fields, path: place.path }, ...children];
};

const expandItem = (entity: EntityName, item: Fields, path: Path, issues: ConfigIssue[]): Fields => {
  if (entity !== 'services' || typeof item['url'] !== 'string') return item;
  const expanded = expandUrl(item['url']);
  if (expanded === undefined) {
    issues.push({ path: [...path, 'url'], message: `invalid url: ${item['url']}` });
    return item;
  }
  const { url: _url, ...rest } = item;
  return { ...rest, ...expanded };
};

const processEntity = (entity: EntityName, own: Fields, place: Place, options: CollectOptions): Fields => {
  const schema = entitySchemas[entity];
  const given = {
    ...(schema.fields.some((field) => 'updated_at' in field) ? { updated_at: options.now } : {}),
    created_at: options.now,
    ...autoFields(entity, own),
    ...own,
    ...(place.parent === undefined ? {} : { [place.parent.field]: { id: place.parent.id } }),
  };
  if (place.parent !== undefined && own[place.parent.field] !== undefined)
    options.issues.push({ path: [...place.path, place.parent.field], message: 'value must be null' });
  const record = processRecord(schema.fields, given, { path: place.path, issues: options.issues });
  const complete = entity === 'plugins' ? withPluginConfig(record, place.path, options) : record;
  for (const message of checkEntity(schema.checks, complete))
    options.issues.push({ path: [...place.path, '@entity'], message });
  return complete;
};

/** Kong makes up what a credential was not given. */
const autoFields = (entity: EntityName, own: Fields): Fields => {
  const random = (): string => randomBytes(16).toString('hex');
  if (entity === 'keyauth_credentials') return own['key'] === undefined ? { key: random() } : {};
  if (entity !== 'jwt_secrets') return {};
  return {
    ...(own['key'] === undefined ? { key: random() } : {}),
    ...(own['secret'] === undefined ? { secret: random() } : {}),
  };
};

const withPluginConfig = (plugin: Fields, path: Path, options: CollectOptions): Fields => {
  const { issues, plugins } = options;
  const name = plugin['name'];
  if (typeof name !== 'string') return plugin;
  const schema = plugins.get(name);
  if (schema === undefined) {
    issues.push({ path: [...path, 'name'], message: unknownPlugin(name, plugins) });
    return plugin;
  }
  for (const scope of schema.refusedScopes)
    if (plugin[scope] !== null) issues.push({ path: [...path, scope], message: 'value must be null' });
  const wrapped = processRecord(
    [{ config: schema.config }],
    { config: plugin['config'] ?? undefined },
    { path, issues },
  );
  const complete = { ...plugin, config: wrapped['config'] };
  for (const message of checkEntity(schema.checks, complete)) issues.push({ path: [...path, '@entity'], message });
  return complete;
};

const unknownPlugin = (name: string, plugins: CollectOptions['plugins']): string =>
  `plugin '${name}' not enabled; add it to the 'plugins' configuration property ` +
  `(the local gateway has: ${[...plugins.keys()].sort().join(', ')})`;
