import type { HostTable } from '../lua/lua-vm.ts';

const httpProtocols = ['grpc', 'grpcs', 'http', 'https'];

/** What the schema of a Lua plugin may `require`: the types that Kong's plugin schemas usually name. */
export const schemaModules: Readonly<Record<string, HostTable>> = {
  'kong.db.schema.typedefs': {
    no_consumer: { type: 'foreign', eq: null },
    no_service: { type: 'foreign', eq: null },
    no_route: { type: 'foreign', eq: null },
    protocols: { type: 'set', required: true, default: httpProtocols, elements: { type: 'string' } },
    protocols_http: {
      type: 'set',
      required: true,
      default: httpProtocols,
      elements: { type: 'string', one_of: httpProtocols },
    },
    header_name: { type: 'string', match: '^[%w_-]+$' },
    port: { type: 'integer', between: [0, 65_535] },
    timeout: { type: 'integer', between: [0, 2_147_483_646] },
    uuid: { type: 'string', uuid: true },
  },
};
