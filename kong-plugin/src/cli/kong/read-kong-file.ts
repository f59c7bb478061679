import { failure, success, type Result } from '../../domain/result.ts';
import type { Problem } from '../problem.ts';
import type { KongConsumer, KongFile, KongPlugin, KongRoute, KongService } from './kong-file.ts';
import { readYaml, type YamlPath, type YamlSource } from './yaml-source.ts';

type Table = Readonly<Record<string, unknown>>;

/** An entity and where it stands. */
interface Entry {
  readonly table: Table;
  readonly path: YamlPath;
}

/**
 * Reads what governance needs from a declarative configuration, nested (services with routes and plugins) or flat (entities
 * that refer to each other by name or id), as Kong and decK write them. Everything else in the file is Kong's business.
 */
export const readKongFile = (text: string, file: string): Result<KongFile, readonly Problem[]> => {
  const source = readYaml(text, file);
  if (!source.ok) return source;
  if (!isTable(source.value.value))
    return failure([{ file, problem: 'expected a map with services, consumers and plugins; is this a kong.yml?' }]);
  const reader = new KongFileReader(source.value, source.value.value);
  const read = reader.read();
  return reader.problems.length > 0 ? failure(reader.problems) : success(read);
};

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Kong reads YAML 1.1, where these words are booleans; here they arrive as texts. */
const isFalse = (value: unknown): boolean =>
  value === false || (typeof value === 'string' && /^(?:n|no|off)$/i.test(value));

/** Kong takes null for a field that is left out. */
const isAbsent = (value: unknown): boolean => value === undefined || value === null;

class KongFileReader {
  readonly problems: Problem[] = [];
  private readonly root: Entry;
  /** Entities at the top level by what they refer to: 10,000 consumers with a group each are found one by one. */
  private readonly referring = new Map<string, ReadonlyMap<string, readonly Entry[]>>();

  constructor(
    private readonly source: YamlSource,
    table: Table,
  ) {
    this.root = { table, path: [] };
  }

  read(): KongFile {
    const isGlobal = ({ table }: Entry): boolean =>
      ['service', 'route', 'consumer', 'consumer_group'].every((scope) => isAbsent(table[scope]));
    return {
      file: this.source.file,
      services: this.entries(this.root, 'services').map((service) => this.service(service)),
      routes: this.entries(this.root, 'routes')
        .filter(({ table }) => isAbsent(table['service']))
        .map((route) => this.route(route)),
      consumers: this.entries(this.root, 'consumers').map((consumer) => this.consumer(consumer)),
      plugins: this.entries(this.root, 'plugins')
        .filter(isGlobal)
        .map((plugin) => this.plugin(plugin)),
    };
  }

  private service(entry: Entry): KongService {
    const routes = [...this.entries(entry, 'routes'), ...this.referringTo(entry, 'routes', 'service')];
    return {
      name: nameOf(entry, 'services'),
      routes: routes.map((route) => this.route(route)),
      // A plugin of a service and a route at once belongs to the route.
      plugins: this.pluginsOf(entry, 'service', ['route']),
    };
  }

  private route(entry: Entry): KongRoute {
    return {
      name: nameOf(entry, 'routes'),
      plugins: this.pluginsOf(entry, 'route', []),
      responseBuffering: !isFalse(entry.table['response_buffering']),
    };
  }

  private consumer(entry: Entry): KongConsumer {
    const { table, path } = entry;
    const username = text(table['username']);
    const customId = text(table['custom_id']);
    if (username === undefined && customId === undefined)
      this.report(path, 'a consumer needs a username or a custom_id');
    const acls = [...this.entries(entry, 'acls'), ...this.referringTo(entry, 'acls', 'consumer')];
    const line = this.source.lineOf(path);
    return {
      id: text(table['id']) ?? `consumer ${username ?? customId ?? ''}`,
      tags: texts(table['tags']),
      groups: acls.flatMap((acl) => text(acl.table['group']) ?? []),
      plugins: this.pluginsOf(entry, 'consumer', ['service', 'route']),
      ...(username === undefined ? {} : { username }),
      ...(customId === undefined ? {} : { customId }),
      ...(line === undefined ? {} : { line }),
    };
  }

  private pluginsOf(
    owner: Entry,
    scope: 'service' | 'route' | 'consumer',
    narrower: readonly string[],
  ): readonly KongPlugin[] {
    const referring = this.referringTo(owner, 'plugins', scope);
    const own = referring.filter(({ table }) => narrower.every((other) => isAbsent(table[other])));
    return [...this.entries(owner, 'plugins'), ...own].map((plugin) => this.plugin(plugin));
  }

  private referringTo(owner: Entry, key: string, field: string): readonly Entry[] {
    const name = `${key}.${field}`;
    const index = this.referring.get(name) ?? this.indexBy(key, field);
    this.referring.set(name, index);
    const { table } = owner;
    const names = [table['id'], table['name'], table['username'], table['custom_id']].flatMap(
      (each) => text(each) ?? [],
    );
    return [...new Set(names.flatMap((each) => index.get(each) ?? []))];
  }

  private indexBy(key: string, field: string): ReadonlyMap<string, readonly Entry[]> {
    const index = new Map<string, Entry[]>();
    for (const entry of this.entries(this.root, key)) {
      const wanted = reference(entry.table[field]);
      if (wanted !== undefined) addTo(index, wanted, entry);
    }
    return index;
  }

  private plugin({ table, path }: Entry): KongPlugin {
    const name = text(table['name']);
    if (name === undefined) this.report(path, 'a plugin needs a name');
    const line = this.source.lineOf(path);
    const consumer = reference(table['consumer']);
    return {
      name: name ?? '',
      enabled: !isFalse(table['enabled']),
      config: table['config'] ?? {},
      ...(line === undefined ? {} : { line }),
      ...(consumer === undefined ? {} : { consumer }),
    };
  }

  private entries({ table, path }: Entry, key: string): readonly Entry[] {
    const list = table[key];
    if (list === undefined || list === null) return [];
    if (!Array.isArray(list)) {
      this.report([...path, key], 'expected a list');
      return [];
    }
    return list.flatMap((item: unknown, index) => {
      const here = [...path, key, index];
      if (isTable(item)) return [{ table: item, path: here }];
      this.report(here, 'expected a map of fields');
      return [];
    });
  }

  private report(path: YamlPath, problem: string): void {
    const line = this.source.lineOf(path);
    const known = { file: this.source.file, path: describePath(path), problem };
    // Flat references are looked at once per owner; the same problem is told once.
    if (this.problems.some((other) => other.path === known.path && other.problem === problem)) return;
    this.problems.push(line === undefined ? known : { ...known, line });
  }
}

const describePath = (path: YamlPath): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

const nameOf = ({ table, path }: Entry, kind: string): string =>
  text(table['name']) ?? text(table['id']) ?? `${kind}[${path.at(-1) ?? ''}]`;

/** `service: orders` (decK), `service: { name: orders }` or `{ id: ... }` (Kong). */
const reference = (value: unknown): string | undefined =>
  isTable(value) ? (text(value['name']) ?? text(value['id']) ?? text(value['username'])) : text(value);

const addTo = (index: Map<string, Entry[]>, key: string, entry: Entry): void => {
  const known = index.get(key);
  if (known === undefined) index.set(key, [entry]);
  else known.push(entry);
};
