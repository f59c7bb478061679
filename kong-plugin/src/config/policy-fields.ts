import { choice, record } from './field-builders.ts';
import type { KongField } from './kong-schema.ts';

export function policyField(): KongField {
  return {
    type: 'record',
    required: false,
    description:
      'Policy as code: one snapshot for all servers, from exactly one of inline, file and url (docs/policy.md).',
    fields: [
      { inline: { type: 'string', len_max: 4_194_304, description: 'The snapshot itself, as YAML or JSON text.' } },
      { file: { type: 'string', len_max: 1024, description: 'A file, watched; relative to the Kong prefix.' } },
      { url: { type: 'string', len_max: 2048, description: 'An HTTP(S) address, polled with ETag; must be signed.' } },
      {
        poll_seconds: {
          type: 'integer',
          between: [1, 3600],
          default: 1,
          description: 'How often the address is asked, in seconds; an unchanged snapshot costs a 304.',
        },
      },
      {
        hmac_secret: {
          type: 'string',
          len_min: 32,
          referenceable: true,
          encrypted: true,
          description: 'Key of the HMAC-SHA256 in the X-Policy-Signature header of the address.',
        },
      },
      {
        ed25519_public_key: {
          type: 'string',
          len_max: 1024,
          description: 'Public key (PEM) of the Ed25519 signature in that header.',
        },
      },
      {
        token: {
          type: 'string',
          len_max: 4096,
          referenceable: true,
          encrypted: true,
          description: 'Bearer token for the address, which may ask for one: a policy tells who uses what.',
        },
      },
      {
        max_age_seconds: {
          type: 'integer',
          between: [1, 31_536_000],
          description: 'A snapshot that could not be confirmed for this long is stale. Left out: it never is.',
        },
      },
      {
        when_stale: choice('What a stale snapshot means: `deny` refuses calls, `allow` keeps judging by it.', [
          'deny',
          'allow',
        ]),
      },
    ],
  };
}

export function countersField(): KongField {
  return record('Where limits and quotas are counted (docs/limits.md).', [
    {
      store: choice('`memory` for one node; `redis` or `postgres` for several, which then share one count.', [
        'memory',
        'redis',
        'postgres',
      ]),
    },
    {
      url: {
        type: 'string',
        len_max: 2048,
        referenceable: true,
        encrypted: true,
        description: 'Address of the store, e.g. redis://127.0.0.1:6379 or postgres://user@host/database.',
      },
    },
    {
      deadline_ms: {
        type: 'integer',
        between: [5, 10_000],
        default: 100,
        description: 'A store that takes longer counts as away, in milliseconds.',
      },
    },
  ]);
}

export function opaField(): KongField {
  return {
    type: 'record',
    required: false,
    description:
      'Open Policy Agent, asked after the rules have allowed a call (docs/opa.md). A failure refuses the call.',
    fields: [
      { url: { type: 'string', len_max: 2048, description: 'Address of the sidecar, e.g. http://127.0.0.1:8181.' } },
      {
        path: {
          type: 'string',
          default: 'mcp/governance/decision',
          len_max: 512,
          description: 'Path below /v1/data, also the entrypoint of a bundle.',
        },
      },
      {
        bundle: {
          type: 'string',
          len_max: 1024,
          description:
            'A WASM bundle (.tar.gz) or policy (.wasm) run in process, instead of url; relative to the Kong prefix.',
        },
      },
      {
        token: {
          type: 'string',
          referenceable: true,
          encrypted: true,
          len_max: 4096,
          description: 'Bearer token for the sidecar.',
        },
      },
      {
        deadline_ms: {
          type: 'integer',
          between: [1, 10_000],
          default: 50,
          description: 'An answer that takes longer is a failure, in milliseconds.',
        },
      },
      {
        cache_seconds: {
          type: 'integer',
          between: [0, 3600],
          default: 0,
          description:
            'How long an answer to an equal input (but for time and limits) is used again, in seconds; 0 never.',
        },
      },
      { mode: choice('`enforce`, or `shadow`: asked and recorded, never refusing.', ['enforce', 'shadow']) },
    ],
  };
}

export function managementField(): KongField {
  return {
    type: 'record',
    required: false,
    description:
      'HTTP API of the plugin server: tool pins and approvals, readiness, Prometheus metrics (docs/tool-pins.md).',
    fields: [
      {
        port: {
          type: 'integer',
          required: true,
          between: [0, 65_535],
          description: 'Port; one server per node, whichever route names it first.',
        },
      },
      {
        host: {
          type: 'string',
          default: '127.0.0.1',
          len_max: 255,
          description: 'Address to listen at; there is no TLS, so keep it on this machine.',
        },
      },
      {
        token: {
          type: 'string',
          required: true,
          len_min: 32,
          len_max: 4096,
          referenceable: true,
          encrypted: true,
          description: 'Bearer token; whoever has it may approve tools.',
        },
      },
    ],
  };
}
