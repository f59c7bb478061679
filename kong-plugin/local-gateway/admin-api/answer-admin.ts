import { hostname } from 'node:os';
import { entityNames, type EntityName } from '../declarative-config/entities.ts';
import { entitySchemas } from '../declarative-config/entity-schemas.ts';
import { isUuid } from '../declarative-config/field-validators.ts';
import { KONG_VERSION } from '../pdk/pdk.ts';
import type { AdminRuntime } from './admin-server.ts';
import { adminErrors, type AdminAnswer } from './admin-errors.ts';
import { configHash, postConfig } from './config-endpoint.ts';
import { listPage, toAdminEntity, type AdminEntity } from './list-page.ts';

export interface AdminRequest {
  readonly method: string;
  readonly target: string;
  readonly type: string;
  readonly body: string;
}

/** The part of Kong's Admin API that the portal and a developer use; reading only, as in DB-less mode. */
export const answerAdmin = (request: AdminRequest, runtime: AdminRuntime): AdminAnswer => {
  const url = new URL(request.target, 'http://admin');
  const steps = url.pathname
    .split('/')
    .filter((step) => step !== '')
    .map(decodeStep);
  const [first] = steps;
  if (first === undefined) return onlyGet(request, () => root(runtime));
  if (first === 'status') return onlyGet(request, () => status(runtime));
  if (first === 'config' && steps.length === 1) {
    return request.method === 'POST' ? postConfig(request, url, runtime) : adminErrors.methodNotAllowed;
  }
  return entityAnswer(request, { steps, query: url.searchParams }, runtime);
};

const decodeStep = (step: string): string => {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
};

const onlyGet = (request: AdminRequest, answer: () => AdminAnswer): AdminAnswer =>
  request.method === 'GET' || request.method === 'HEAD' ? answer() : adminErrors.methodNotAllowed;

const root = (runtime: AdminRuntime): AdminAnswer => ({
  status: 200,
  content: {
    tagline: 'Welcome to kong',
    version: KONG_VERSION,
    edition: 'community',
    // Only this stand-in says so; Kong has no such field.
    local_gateway: 'a development stand-in for Kong',
    hostname: hostname(),
    node_id: runtime.nodeId,
    pids: { master: process.pid },
    plugins: {
      available_on_server: Object.fromEntries([...runtime.schemas.keys()].map((name) => [name, true])),
      enabled_in_cluster: [...new Set(runtime.entities.plugins.map((plugin) => plugin.name))],
    },
    configuration: { database: 'off', router_flavor: 'traditional' },
  },
});

const status = (runtime: AdminRuntime): AdminAnswer => ({
  status: 200,
  content: {
    configuration_hash: configHash(runtime.entities),
    memory: { lua_shared_dicts: {}, workers_lua_vms: [] },
    server: {},
  },
});

interface Place {
  readonly steps: readonly string[];
  readonly query: URLSearchParams;
}

/** Names in paths that differ from the entity's. */
const nestedNames: Readonly<Record<string, EntityName>> = {
  'key-auth': 'keyauth_credentials',
  'key-auths': 'keyauth_credentials',
  jwt: 'jwt_secrets',
  jwts: 'jwt_secrets',
};

const entityName = (step: string | undefined): EntityName | undefined =>
  step === undefined ? undefined : (nestedNames[step] ?? entityNames.find((name) => name === step));

/** `/services`, `/services/{id or name}`, `/services/{}/routes`, `/consumers/{}/key-auth/{id or key}`. */
const entityAnswer = (request: AdminRequest, place: Place, runtime: AdminRuntime): AdminAnswer => {
  const [first, key, nested, nestedKey, ...rest] = place.steps;
  const entity = entityName(first);
  if (entity === undefined || rest.length > 0) return adminErrors.notFound;
  if (key === undefined) return collection(request, { entity, path: `/${first}`, query: place.query }, runtime);
  if (nested === undefined) return single(request, entity, find(runtime, entity, key));
  const child = entityName(nested);
  const reference = child === undefined ? undefined : referenceTo(child, entity);
  if (child === undefined || reference === undefined) return adminErrors.notFound;
  const parent = find(runtime, entity, key);
  if (parent === undefined) return adminErrors.notFound;
  const belongs = (item: AdminEntity): boolean =>
    (item[reference] as { readonly id?: string } | null)?.id === parent.id;
  if (nestedKey === undefined)
    return collection(
      request,
      { entity: child, path: `/${first}/${parent.id}/${nested}`, query: place.query, belongs },
      runtime,
    );
  const item = find(runtime, child, nestedKey);
  return single(request, child, item !== undefined && belongs(item) ? item : undefined);
};

const referenceTo = (child: EntityName, parent: EntityName): string | undefined =>
  Object.entries(entitySchemas[child].references).find(([, target]) => target === parent)?.[0];

const find = (runtime: AdminRuntime, entity: EntityName, key: string): AdminEntity | undefined => {
  const field = isUuid(key) ? 'id' : entitySchemas[entity].endpointKey;
  const items = runtime.entities[entity] as unknown as readonly AdminEntity[];
  return field === undefined ? undefined : items.find((item) => item[field] === key);
};

interface Collection {
  readonly entity: EntityName;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly belongs?: (item: AdminEntity) => boolean;
}

const collection = (request: AdminRequest, options: Collection, runtime: AdminRuntime): AdminAnswer => {
  if (request.method === 'POST') return adminErrors.unsupported('create', options.entity);
  return onlyGet(request, () => {
    const items = runtime.entities[options.entity] as unknown as readonly AdminEntity[];
    return listPage(
      items.filter((item) => options.belongs?.(item) ?? true),
      options,
    );
  });
};

const single = (request: AdminRequest, entity: EntityName, item: AdminEntity | undefined): AdminAnswer => {
  if (request.method === 'DELETE') return adminErrors.unsupported('remove', entity);
  if (request.method === 'PATCH') return adminErrors.unsupported('update', entity);
  if (request.method === 'PUT') return adminErrors.unsupported('create or update', entity);
  return onlyGet(request, () =>
    item === undefined ? adminErrors.notFound : { status: 200, content: toAdminEntity(item) },
  );
};
