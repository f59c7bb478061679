import { record } from './field-builders.ts';
import type { KongField } from './kong-schema.ts';

export const pinsField = (): KongField =>
  record("The catalog of the server's tools as this gateway saw them.", [
    {
      file: {
        type: 'string',
        default: 'mcp-governance/tool-pins.json',
        len_max: 1024,
        description: 'Where approvals are kept; relative to the Kong prefix.',
      },
    },
    {
      refresh: {
        type: 'record',
        required: false,
        description:
          "Lists the server's tools every so often, so that a tool that changed is noticed without a client's list (docs/tool-pins.md).",
        fields: [
          {
            url: {
              type: 'string',
              required: true,
              len_max: 2048,
              description: "The server's MCP endpoint, asked directly: http:// or https://.",
            },
          },
          {
            seconds: {
              type: 'integer',
              between: [10, 86_400],
              default: 300,
              description: 'Time between two lists.',
            },
          },
          {
            credential: {
              type: 'string',
              len_max: 8192,
              referenceable: true,
              encrypted: true,
              description: 'What the server wants to see in the header below; sent to no other address.',
            },
          },
          {
            credential_header: {
              type: 'string',
              default: 'authorization',
              len_max: 128,
              description: 'Header that carries the credential.',
            },
          },
        ],
      },
    },
  ]);
