import type { EntityName } from './entities.ts';
import type { EntityCheck, KongField, NamedField } from './kong-schema.ts';
import { checkHeaderName, checkHost, checkPath, checkRouterPath } from './typedefs.ts';

const tags: KongField = {
  type: 'set',
  elements: {
    type: 'string',
    validator: (tag: string) =>
      /[,/]/.test(tag)
        ? `invalid tag '${tag}': expected printable ascii (except \`,\` and \`/\`) or valid utf-8 sequences`
        : undefined,
  },
};
const id: KongField = { type: 'string', uuid: true };
const timestamp: KongField = { type: 'integer' };
const name: KongField = { type: 'string', unique: true };
const protocolNames = ['grpc', 'grpcs', 'http', 'https', 'tcp', 'tls', 'tls_passthrough', 'udp'];
const headerName: KongField = { type: 'string', validator: checkHeaderName };
/** Kong's `nonzero_timeout`. */
const timeout: KongField = { type: 'integer', between: [1, 2 ** 31 - 2], default: 60_000 };
const secret: KongField = { type: 'string', unique: true };

const common: readonly NamedField[] = [{ id }, { created_at: timestamp }, { updated_at: timestamp }, { tags }];

export interface EntitySchema {
  readonly fields: readonly NamedField[];
  readonly checks: readonly EntityCheck[];
  /** Fields that refer to another entity. */
  readonly references: Readonly<Record<string, EntityName>>;
  /** Other entities that may be written inside this one. */
  readonly children: readonly EntityName[];
  /** The field that names the entity in the Admin API and in references. */
  readonly endpointKey?: string;
}

/** gRPC, TCP and TLS services are Kong's; this stand-in proxies HTTP. */
const httpOnly = ['http', 'https'];

export const entitySchemas: Readonly<Record<EntityName, EntitySchema>> = {
  services: {
    endpointKey: 'name',
    references: {},
    children: ['routes', 'plugins'],
    checks: [],
    fields: [
      ...common,
      { name },
      { retries: { type: 'integer', default: 5, between: [0, 32_767] } },
      { protocol: { type: 'string', required: true, default: 'http', one_of: httpOnly } },
      { host: { type: 'string', required: true, validator: checkHost } },
      { port: { type: 'integer', required: true, default: 80, between: [0, 65_535] } },
      {
        path: {
          type: 'string',
          starts_with: '/',
          match_none: [{ pattern: '//', err: 'must not have empty segments' }],
          validator: checkPath,
        },
      },
      { connect_timeout: timeout },
      { write_timeout: timeout },
      { read_timeout: timeout },
      { client_certificate: { type: 'any', eq: null } },
      { tls_verify: { type: 'boolean' } },
      { tls_verify_depth: { type: 'integer', between: [0, 64] } },
      { ca_certificates: { type: 'array', elements: { type: 'string', uuid: true } } },
      { enabled: { type: 'boolean', required: true, default: true } },
    ],
  },
  routes: {
    endpointKey: 'name',
    references: { service: 'services' },
    children: ['plugins'],
    checks: [{ at_least_one_of: ['methods', 'hosts', 'headers', 'paths'] }],
    fields: [
      ...common,
      { name },
      {
        protocols: {
          type: 'set',
          required: true,
          len_min: 1,
          elements: { type: 'string', one_of: httpOnly },
          default: ['http', 'https'],
        },
      },
      {
        https_redirect_status_code: {
          type: 'integer',
          one_of: [426, 301, 302, 307, 308],
          default: 426,
          required: true,
        },
      },
      { strip_path: { type: 'boolean', required: true, default: true } },
      { preserve_host: { type: 'boolean', required: true, default: false } },
      { request_buffering: { type: 'boolean', required: true, default: true } },
      { response_buffering: { type: 'boolean', required: true, default: true } },
      { service: { type: 'foreign' } },
      { snis: { type: 'set', elements: { type: 'string' } } },
      { sources: { type: 'any', eq: null } },
      { destinations: { type: 'any', eq: null } },
      { methods: { type: 'set', elements: { type: 'string', match: '^%u+$' } } },
      {
        hosts: {
          type: 'array',
          elements: {
            type: 'string',
            match_all: [{ pattern: '^[^*]*%*?[^*]*$', err: 'invalid wildcard: must have at most one wildcard' }],
            match_any: {
              patterns: ['^%*%.', '%.%*$', '^[^*]*$'],
              err: 'invalid wildcard: must be placed at leftmost or rightmost label',
            },
          },
        },
      },
      {
        paths: {
          type: 'array',
          elements: {
            type: 'string',
            match_any: { patterns: ['^/', '^~/'], err: 'should start with: / (fixed path) or ~/ (regex path)' },
            match_none: [{ pattern: '//', err: 'must not have empty segments' }],
            validator: checkRouterPath,
          },
        },
      },
      {
        headers: {
          type: 'map',
          keys: {
            ...headerName,
            match_none: [
              {
                pattern: '^[Hh][Oo][Ss][Tt]$',
                err: "cannot contain 'host' header, which must be specified in the 'hosts' attribute",
              },
            ],
          },
          values: { type: 'array', elements: { type: 'string' } },
        },
      },
      { regex_priority: { type: 'integer', default: 0 } },
      { path_handling: { type: 'string', default: 'v0', one_of: ['v0', 'v1'] } },
    ],
  },
  consumers: {
    endpointKey: 'username',
    references: {},
    children: ['keyauth_credentials', 'acls', 'jwt_secrets', 'plugins'],
    checks: [{ at_least_one_of: ['custom_id', 'username'] }],
    fields: [...common, { username: name }, { custom_id: name }],
  },
  keyauth_credentials: credential([{ key: secret }, { ttl: { type: 'integer' } }]),
  acls: credential([{ group: { type: 'string', required: true } }]),
  jwt_secrets: {
    ...credential([
      { key: secret },
      { secret: { type: 'string' } },
      { rsa_public_key: { type: 'string' } },
      {
        algorithm: {
          type: 'string',
          default: 'HS256',
          one_of: [
            'HS256',
            'HS384',
            'HS512',
            'RS256',
            'RS384',
            'RS512',
            'ES256',
            'ES384',
            'ES512',
            'PS256',
            'PS384',
            'PS512',
            'EdDSA',
          ],
        },
      },
    ]),
    checks: [
      {
        conditional: {
          if_field: 'algorithm',
          if_match: { match_any: { patterns: ['^RS', '^PS', '^EdDSA$'], err: '' } },
          then_field: 'rsa_public_key',
          then_match: { required: true },
        },
      },
    ],
  },
  plugins: {
    endpointKey: 'instance_name',
    references: { route: 'routes', service: 'services', consumer: 'consumers' },
    children: [],
    checks: [],
    fields: [
      ...common,
      { name: { type: 'string', required: true } },
      { instance_name: name },
      { route: { type: 'foreign' } },
      { service: { type: 'foreign' } },
      { consumer: { type: 'foreign' } },
      { config: { type: 'any' } },
      {
        protocols: {
          type: 'set',
          required: true,
          default: ['grpc', 'grpcs', 'http', 'https'],
          elements: { type: 'string', one_of: protocolNames },
        },
      },
      { enabled: { type: 'boolean', required: true, default: true } },
    ],
  },
};

function credential(fields: readonly NamedField[]): EntitySchema {
  const consumer: KongField = { type: 'foreign', required: true };
  return {
    endpointKey: fields.some((field) => 'key' in field) ? 'key' : 'id',
    references: { consumer: 'consumers' },
    children: [],
    checks: [],
    fields: [{ id }, { created_at: timestamp }, { tags }, { consumer }, ...fields],
  };
}
