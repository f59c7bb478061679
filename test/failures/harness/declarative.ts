/** Declarative configuration of the gateways in this folder: parts, so that each test shows what is special in it. */

export const consumers = [
  { username: 'alice', tags: ['tenant:acme'], keyauth_credentials: [{ key: 'key-alice' }] },
  { username: 'bob', tags: ['tenant:globex'], keyauth_credentials: [{ key: 'key-bob' }] },
] as const;

export const keyAuth = { name: 'key-auth', config: { key_names: ['apikey'] } } as const;
export const guard = { name: 'mcp-guard' } as const;

/** Lets every caller use `tools`, and nothing else. */
export const governance = (tools: readonly string[] = ['search_orders'], more: object = {}): object => ({
  name: 'mcp-governance',
  config: {
    server: { name: 'orders', kind: 'mcp' },
    rules: [{ id: `only-${tools.join('-')}`, callers: {}, tools }],
    ...more,
  },
});

export interface ServiceOptions {
  readonly url: string;
  readonly plugins: readonly object[];
  readonly name?: string;
  readonly routes?: readonly object[];
}

export const service = ({ url, plugins, name = 'orders', routes }: ServiceOptions): object => ({
  name,
  url,
  routes: routes ?? [{ name, paths: ['/mcp'], response_buffering: false }],
  plugins,
});

/** One governed MCP server, as `kong.yml` has it. */
export const governed = (url: string, tools?: readonly string[]): object => ({
  services: [service({ url, plugins: [keyAuth, governance(tools), guard] })],
  consumers,
});
