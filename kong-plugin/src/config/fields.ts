import { choice, names, record } from './field-builders.ts';
import type { NamedField } from './kong-schema.ts';
import { meteringField } from './metering-field.ts';
import { pinsField } from './pins-field.ts';
import { oauthField } from './oauth-field.ts';
import { countersField, managementField, opaField, policyField } from './policy-fields.ts';
import { ruleFields } from './rule-fields.ts';

/** The schema of the plugin `mcp-governance`, in Kong's own form. */
export const configFields: readonly NamedField[] = [
  {
    server: record('The server behind this route or service, as rules, records and invoices name it.', [
      {
        name: {
          type: 'string',
          required: true,
          len_max: 128,
          description: 'Unique name of the server, e.g. `orders`.',
        },
      },
      { kind: choice('`mcp` for an MCP server, `rest` for a REST API.', ['mcp', 'rest']) },
    ]),
  },
  {
    guard: choice(
      'What fails closed beside this plugin: the Lua plugin `mcp-guard` (needed for streaming outcomes), or a `post-function` where Lua files cannot be added (see kong.yml; the plugin server then needs `--log-phase`).',
      ['mcp-guard', 'post-function'],
    ),
  },
  {
    rules: {
      type: 'array',
      len_max: 10_000,
      default: [],
      elements: { type: 'record', fields: ruleFields },
      description:
        'Who may use what. Deny beats allow; what no rule allows is refused. `*` in a pattern stands for any characters.',
    },
  },
  {
    callers: record('How a Kong consumer becomes a tenant and an application.', [
      {
        tenant_tag_prefix: {
          type: 'string',
          default: 'tenant:',
          description: 'A consumer tag with this prefix names the tenant. Never taken from a client header.',
        },
      },
      {
        application_tag_prefix: {
          type: 'string',
          default: 'application:',
          description: 'A consumer tag with this prefix names the application; without one it is the username.',
        },
      },
    ]),
  },
  {
    limits: record('What is read at all; anything larger is refused, never passed unread.', [
      {
        max_body_bytes: {
          type: 'integer',
          between: [1024, 67_108_864],
          default: 4_194_304,
          description: 'Largest request body in bytes. MCP SDK servers accept 4 MiB.',
        },
      },
      {
        max_depth: { type: 'integer', between: [4, 512], default: 64, description: 'Deepest nesting of a JSON body.' },
      },
    ]),
  },
  {
    mcp: record('Options for MCP servers.', [
      {
        tool_names: choice(
          '`strict` accepts names of 1-128 characters from A-Z a-z 0-9 _ . - (MCP tools, Tool Names); `any` accepts others without control characters.',
          ['strict', 'any'],
        ),
      },
      {
        unknown_methods: choice(
          'Methods that this version does not know: `deny` answers "method not found", `allow` passes them.',
          ['deny', 'allow'],
        ),
      },
      {
        get_streams: choice('GET streams of protocol revisions up to 2025-11-25: `allow`, or `deny` with 405.', [
          'allow',
          'deny',
        ]),
      },
      {
        task_lists: choice('`tasks/list` may show the tasks of other callers: `deny`, or `allow`.', ['deny', 'allow']),
      },
    ]),
  },
  {
    rest: record(
      'Options for REST APIs: the operations, as a list or as an OpenAPI document. A request that matches none is refused.',
      [
        {
          operations: {
            type: 'array',
            len_max: 10_000,
            default: [],
            elements: {
              type: 'record',
              fields: [
                {
                  name: {
                    type: 'string',
                    len_max: 256,
                    description: 'Name used by rules and records; `METHOD /path` when left out.',
                  },
                },
                {
                  method: {
                    type: 'string',
                    required: true,
                    one_of: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'],
                    description: 'HTTP method.',
                  },
                },
                {
                  path: {
                    type: 'string',
                    required: true,
                    len_max: 1024,
                    description: 'Path template such as /payments/{id}.',
                  },
                },
              ],
            },
            description: 'Operations of the API.',
          },
        },
        {
          openapi: {
            type: 'string',
            len_max: 4_194_304,
            description: 'OpenAPI 3 document as JSON text; its operationIds name the operations.',
          },
        },
        {
          path_prefix: {
            type: 'string',
            len_max: 1024,
            description: 'Prefix of the route that the operations leave out, e.g. /commerce.',
          },
        },
      ],
    ),
  },
  {
    hosts: names(
      'Host names this server may be asked under (`gw.example.com`, `localhost:8000`). Empty: Kong routes decide.',
    ),
  },
  {
    origins: names(
      'Browser origins that may call (`https://app.example.com`, `http://localhost:*`). A request with another Origin is refused with 403.',
    ),
  },
  { oauth: oauthField() },
  {
    sessions: record('Binding of Mcp-Session-Id to the caller that opened it.', [
      {
        secret: {
          type: 'string',
          len_min: 32,
          referenceable: true,
          encrypted: true,
          description:
            'Signs session ids; the same on every node. Left out: a key made at first start and kept in the Kong prefix, enough for one node.',
        },
      },
    ]),
  },
  {
    replies: record('Form of refusals where the protocol leaves a choice.', [
      {
        denied_tool: choice(
          'A tool the caller may not use: `unknown_tool` hides that it exists (JSON-RPC -32602), `tool_error` tells the model in a result, `forbidden` is HTTP 403.',
          ['unknown_tool', 'tool_error', 'forbidden'],
        ),
      },
      {
        limits_as: choice(
          'A tools/call over its limit: `tool_error` tells the model in a result, `http429` is HTTP 429, which clients raise as an exception.',
          ['tool_error', 'http429'],
        ),
      },
    ]),
  },
  { policy: policyField() },
  { counters: countersField() },
  { opa: opaField() },
  { management: managementField() },
  { pins: pinsField() },
  {
    records: record('The record of every call, allowed or refused.', [
      {
        file: {
          type: 'string',
          default: 'mcp-governance/invocations.jsonl',
          len_max: 1024,
          description: 'JSON Lines file; relative to the Kong prefix.',
        },
      },
      {
        arguments: choice('`redacted` stores arguments with secrets replaced; `hash` stores only their SHA-256.', [
          'redacted',
          'hash',
        ]),
      },
      {
        log: {
          type: 'boolean',
          default: false,
          description:
            "Also one line per record in Kong's log, under OpenTelemetry's names for MCP, without arguments.",
        },
      },
      {
        redact_keys: names(
          'Argument names never stored, at any depth, besides the built-in list (password, token, card_number, ...).',
        ),
      },
      { redact_paths: names('JSON paths never stored, e.g. $.customer.iban or $.cards[*].number.') },
    ]),
  },
  { metering: meteringField() },
  {
    forwarding: record('What does not reach the server.', [
      {
        credential_headers: names("Headers that carry the caller's credential.", [
          'authorization',
          'proxy-authorization',
          'apikey',
          'api-key',
          'x-api-key',
        ]),
      },
      { credential_query: names('Query parameters that carry it.', ['apikey', 'api_key', 'access_token', 'jwt']) },
      {
        identity_headers: names('Further headers that a server might trust as identity.', [
          'x-tenant-id',
          'x-user-id',
          'x-forwarded-user',
          'x-authenticated-user',
        ]),
      },
    ]),
  },
];
