import type { Entity } from '@backstage/catalog-model';

const group = (name: string, tenant?: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name, ...(tenant === undefined ? {} : { annotations: { 'mcp-governance/tenant': tenant } }) },
  spec: { type: 'team', children: [] },
});

const server = (name: string, owner: string, spec: object, more: Record<string, string> = {}): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'API',
  metadata: {
    name: `${name}-api`,
    title: name,
    annotations: { 'mcp-governance/server': name, ...more },
  },
  spec: { lifecycle: 'production', owner: `group:default/${owner}`, ...spec },
});

const document = {
  openapi: '3.1.0',
  servers: [{ url: 'http://127.0.0.1:9/commerce' }],
  paths: { '/products': { get: { operationId: 'listProducts', summary: 'All products' } } },
};

/** anna builds agents at Acme, gwen at Globex, otto provides orders and commerce, sara provides a server that only Acme sees. */
export const entities: readonly Entity[] = [
  group('team-support', 'acme'),
  group('team-agents', 'globex'),
  group('team-orders'),
  group('team-commerce'),
  group('team-secret'),
  group('finance'),
  group('platform'),
  server('orders', 'team-orders', {
    type: 'mcp-server',
    toolNames: ['search_orders', 'generate_report', 'delete_order'],
  }),
  server('commerce', 'team-commerce', { type: 'openapi', definition: JSON.stringify(document) }),
  server(
    'secret',
    'team-secret',
    { type: 'mcp-server', toolNames: ['secret_tool'] },
    { 'mcp-governance/visible-to': 'group:default/team-support' },
  ),
];

const teams: Readonly<Record<string, readonly string[]>> = {
  'user:default/anna': ['group:default/team-support'],
  'user:default/gwen': ['group:default/team-agents'],
  'user:default/otto': ['group:default/team-orders', 'group:default/team-commerce'],
  'user:default/sara': ['group:default/team-secret'],
  'user:default/fiona': ['group:default/finance'],
  'user:default/pia': ['group:default/platform'],
  // Provides the server and belongs to the team that asks for it.
  'user:default/both': ['group:default/team-orders', 'group:default/team-support'],
};

export const teamsOf = (user: string): readonly string[] => teams[user] ?? [];
