import type { KongField } from './kong-schema.ts';
import type { PluginSchema } from './plugin-schema.ts';
import { checkHeaderName } from './typedefs.ts';

const headerName: KongField = { type: 'string', validator: checkHeaderName };
const strings: KongField = { type: 'array', elements: { type: 'string' } };
const flag = (value: boolean): KongField => ({ type: 'boolean', required: true, default: value });
const httpMethods = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'];
const functions: KongField = { type: 'array', required: true, default: [], elements: { type: 'string' } };
const functionPhases = ['certificate', 'rewrite', 'access', 'header_filter', 'body_filter', 'log'];

const schema = (
  name: string,
  fields: readonly Readonly<Record<string, KongField>>[],
  rest: Partial<PluginSchema> = {},
): PluginSchema => ({
  name,
  config: { type: 'record', required: true, fields },
  checks: [],
  refusedScopes: ['consumer'],
  ...rest,
});

const functionSchema = (name: string): PluginSchema =>
  schema(
    name,
    functionPhases.map((phase) => ({ [phase]: functions })),
    {
      checks: [{ at_least_one_of: functionPhases.map((phase) => `config.${phase}`) }],
    },
  );

/** Kong's schemas of the bundled plugins that this stand-in has. */
export const bundledSchemas: readonly PluginSchema[] = [
  schema('key-auth', [
    { key_names: { type: 'array', required: true, elements: headerName, default: ['apikey'] } },
    { hide_credentials: flag(false) },
    { anonymous: { type: 'string' } },
    { key_in_header: flag(true) },
    { key_in_query: flag(true) },
    { key_in_body: flag(false) },
    { run_on_preflight: flag(true) },
    { realm: { type: 'string' } },
  ]),
  schema(
    'jwt',
    [
      { uri_param_names: { type: 'set', elements: { type: 'string' }, default: ['jwt'] } },
      { cookie_names: { type: 'set', elements: { type: 'string' }, default: [] } },
      { key_claim_name: { type: 'string', default: 'iss' } },
      { secret_is_base64: flag(false) },
      { claims_to_verify: { type: 'set', elements: { type: 'string', one_of: ['exp', 'nbf'] } } },
      { anonymous: { type: 'string' } },
      { run_on_preflight: flag(true) },
      { maximum_expiration: { type: 'number', default: 0, between: [0, 31_536_000] } },
      { header_names: { type: 'set', elements: { type: 'string' }, default: ['authorization'] } },
      { realm: { type: 'string' } },
    ],
    {
      checks: [
        {
          conditional: {
            if_field: 'config.maximum_expiration',
            if_match: { gt: 0 },
            then_field: 'config.claims_to_verify',
            then_match: {
              required: true,
              validator: (claims: readonly string[]) =>
                claims.includes('exp') ? undefined : 'expected to contain: exp',
            },
          },
        },
      ],
    },
  ),
  schema(
    'acl',
    [
      { allow: strings },
      { deny: strings },
      { hide_groups_header: flag(false) },
      { always_use_authenticated_groups: flag(false) },
    ],
    {
      checks: [{ only_one_of: ['config.allow', 'config.deny'] }, { at_least_one_of: ['config.allow', 'config.deny'] }],
    },
  ),
  schema('cors', [
    { origins: strings },
    { headers: strings },
    { exposed_headers: strings },
    { methods: { type: 'array', default: httpMethods, elements: { type: 'string', one_of: httpMethods } } },
    { max_age: { type: 'number' } },
    { credentials: flag(false) },
    { private_network: flag(false) },
    { preflight_continue: flag(false) },
  ]),
  schema(
    'request-termination',
    [
      { status_code: { type: 'integer', required: true, default: 503, between: [100, 599] } },
      { message: { type: 'string' } },
      { content_type: { type: 'string' } },
      { body: { type: 'string' } },
      // Echoing requests is not part of this stand-in.
      { echo: { ...flag(false), eq: false } },
      { trigger: headerName },
    ],
    {
      refusedScopes: [],
      checks: [{ mutually_exclusive: ['config.message', 'config.body'] }],
    },
  ),
  functionSchema('pre-function'),
  functionSchema('post-function'),
];
