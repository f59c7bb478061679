import { names } from './field-builders.ts';
import type { KongField } from './kong-schema.ts';

export function oauthField(): KongField {
  return {
    type: 'record',
    required: false,
    description:
      "Set for OAuth deployments (Kong's jwt plugin in front): RFC 9728 metadata, challenges, and the issuer and audience that a token must carry.",
    fields: [
      {
        resource: {
          type: 'string',
          required: true,
          len_max: 1024,
          description:
            'Public URL of this server, e.g. https://gw.example.com/mcp. Tokens must be issued for it (RFC 8707).',
        },
      },
      {
        authorization_servers: {
          type: 'array',
          required: true,
          len_min: 1,
          len_max: 16,
          elements: { type: 'string' },
          description: 'Issuer URLs of the authorization servers.',
        },
      },
      { issuers: names('Accepted `iss` values; the authorization servers when left out.') },
      { audiences: names('Accepted `aud` values; the resource when left out.') },
      { scopes: names('Baseline scopes, named in the first challenge.') },
      {
        tool_scopes: {
          type: 'map',
          keys: { type: 'string' },
          values: { type: 'array', elements: { type: 'string' } },
          default: {},
          description:
            'Scopes that a tool needs besides a rule that allows it; missing ones are asked for with 403 insufficient_scope.',
        },
      },
    ],
  };
}
