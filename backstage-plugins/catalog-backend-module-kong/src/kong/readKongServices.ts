import type { FetchFailure } from '../fetchText';
import { isRecord, recordAt, textAt, textsAt, type JsonRecord } from '../json';
import { success, type Result } from '../result';
import type { KongAdminApi } from './KongAdminApi';
import type { Governance, KongRoute, KongService, RestOperation } from './KongService';

/** All enabled services with their routes and what governs them, or why Kong could not be read whole. */
export const readKongServices = async (admin: KongAdminApi): Promise<Result<readonly KongService[], FetchFailure>> => {
  const services = await admin.list('services');
  if (!services.ok) return services;
  const routes = await admin.list('routes');
  if (!routes.ok) return routes;
  const plugins = await admin.list('plugins');
  if (!plugins.ok) return plugins;
  const routesOf = byService(routes.value);
  return success(
    services.value
      .filter((service) => service.enabled !== false && textAt(service, 'id') !== undefined)
      .map((service) => toService(service, { routes: routesOf.get(idOf(service)) ?? [], plugins: plugins.value })),
  );
};

const idOf = (entity: JsonRecord): string => textAt(entity, 'id') ?? '';

const byService = (routes: readonly JsonRecord[]): ReadonlyMap<string, readonly JsonRecord[]> => {
  const grouped = new Map<string, JsonRecord[]>();
  for (const route of routes) {
    const service = idOf(recordAt(route, 'service'));
    grouped.set(service, [...(grouped.get(service) ?? []), route]);
  }
  return grouped;
};

interface Attached {
  readonly routes: readonly JsonRecord[];
  readonly plugins: readonly JsonRecord[];
}

const toService = (service: JsonRecord, { routes, plugins }: Attached): KongService => {
  const id = idOf(service);
  const routeIds = new Set(routes.map(idOf));
  const mine = plugins.filter(
    (plugin) =>
      plugin.enabled !== false &&
      (idOf(recordAt(plugin, 'service')) === id || routeIds.has(idOf(recordAt(plugin, 'route')))),
  );
  return {
    id,
    name: textAt(service, 'name') ?? `service-${id.slice(0, 8)}`,
    upstreamUrl: upstreamUrl(service),
    tags: textsAt(service, 'tags'),
    routes: routes.map(toRoute).sort((left, right) => compare(left.name ?? left.id, right.name ?? right.id)),
    governance: toGovernance(mine.find((plugin) => plugin.name === 'mcp-governance')),
    keyHeader: keyHeader(mine.find((plugin) => plugin.name === 'key-auth')),
  };
};

/** Kong answers in the order of ids, which a DB-less node may draw anew: names keep the entities the same. */
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const upstreamUrl = (service: JsonRecord): string => {
  const protocol = textAt(service, 'protocol') ?? 'http';
  const port = typeof service.port === 'number' ? service.port : 80;
  const usual = (protocol === 'http' && port === 80) || (protocol === 'https' && port === 443);
  return `${protocol}://${textAt(service, 'host') ?? ''}${usual ? '' : `:${port}`}${textAt(service, 'path') ?? ''}`;
};

const toRoute = (route: JsonRecord): KongRoute => ({
  id: idOf(route),
  name: textAt(route, 'name'),
  paths: textsAt(route, 'paths'),
  hosts: textsAt(route, 'hosts'),
  stripPath: route.strip_path !== false,
  tags: textsAt(route, 'tags'),
});

/** Takes what the catalog shows and nothing else: the configuration also holds secrets. */
const toGovernance = (plugin: JsonRecord | undefined): Governance | undefined => {
  if (plugin === undefined) return undefined;
  const config = recordAt(plugin, 'config');
  const server = recordAt(config, 'server');
  const rest = recordAt(config, 'rest');
  const kind = textAt(server, 'kind');
  return {
    server: textAt(server, 'name'),
    kind: kind === 'mcp' || kind === 'rest' ? kind : undefined,
    rest: {
      openapi: textAt(rest, 'openapi'),
      operations: toOperations(rest.operations),
      pathPrefix: textAt(rest, 'path_prefix'),
    },
  };
};

const toOperations = (operations: unknown): readonly RestOperation[] =>
  (Array.isArray(operations) ? operations : []).filter(isRecord).flatMap((operation) => {
    const [method, path] = [textAt(operation, 'method'), textAt(operation, 'path')];
    return method === undefined || path === undefined ? [] : [{ name: textAt(operation, 'name'), method, path }];
  });

const keyHeader = (plugin: JsonRecord | undefined): string | undefined =>
  plugin === undefined ? undefined : (textsAt(recordAt(plugin, 'config'), 'key_names')[0] ?? 'apikey');
