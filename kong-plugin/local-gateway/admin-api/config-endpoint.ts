import { createHash } from 'node:crypto';
import { entityNames, type Entities } from '../declarative-config/entities.ts';
import type { AdminRequest } from './answer-admin.ts';
import { adminErrors, type AdminAnswer } from './admin-errors.ts';
import type { AdminRuntime } from './admin-server.ts';

/** `POST /config`: replaces everything, or refuses everything. */
export const postConfig = (request: AdminRequest, url: URL, runtime: AdminRuntime): AdminAnswer => {
  const config = readConfig(request);
  if (config === undefined || config === '')
    return { status: 400, content: { message: 'expected a declarative configuration' } };
  const read = typeof config === 'string' ? runtime.readText(config) : runtime.read({ declarative: config });
  if (!read.ok) return adminErrors.declarativeConfig(read.error);
  if (url.searchParams.get('check_hash') === '1' && configHash(read.value) === configHash(runtime.entities))
    return { status: 304, content: undefined };
  runtime.load(read.value);
  return { status: 201, content: byId(read.value) };
};

/** The configuration as the body itself, or in the field `config` of JSON or a form. */
const readConfig = ({ type, body }: AdminRequest): string | object | undefined => {
  if (type.includes('application/x-www-form-urlencoded')) return new URLSearchParams(body).get('config') ?? undefined;
  const json = type.includes('application/json') ? parseJson(body) : undefined;
  if (json === undefined) return body;
  const { config, ...rest } = json;
  if ('_format_version' in rest) return rest;
  return typeof config === 'string' || (typeof config === 'object' && config !== null) ? config : body;
};

const parseJson = (body: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

/** Kong answers with the flattened entities, by id. */
const byId = (entities: Entities): unknown =>
  Object.fromEntries(
    entityNames
      .filter((name) => entities[name].length > 0)
      .map((name) => [name, Object.fromEntries(entities[name].map((entity) => [entity.id, entity]))]),
  );

/** Changes with every change of the configuration; times and the random ids of credentials do not count. */
export const configHash = (entities: Entities): string => {
  const withoutIds = (list: readonly object[]): readonly object[] => list.map((item) => ({ ...item, id: '' }));
  const stable = {
    ...entities,
    keyauth_credentials: withoutIds(entities.keyauth_credentials),
    jwt_secrets: withoutIds(entities.jwt_secrets),
  };
  const text = JSON.stringify(stable, (key, value: unknown) =>
    key === 'created_at' || key === 'updated_at' ? undefined : value,
  );
  return createHash('md5').update(text).digest('hex');
};
