import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import type { JsonObject } from '@backstage/types';
import { sendJson, startHttpDouble, type HttpDouble } from '../testing/startHttpDouble';
import { startKongDouble, type KongDouble } from '../testing/startKongDouble';
import { startMcpDouble, type McpDouble } from '../testing/startMcpDouble';
import { settingsOf } from '../testing/settings';
import { KongEntityProvider } from './KongEntityProvider';

const document = { openapi: '3.1.0', info: { title: 'Commerce' }, paths: { '/p': { get: { operationId: 'listP' } } } };

describe('the entities of a Kong', () => {
  let kong: KongDouble;
  let orders: McpDouble;
  let commerce: HttpDouble & { status: number };
  const running: HttpDouble[] = [];

  beforeEach(async () => {
    orders = await startMcpDouble('modern', ['search_orders', 'delete_order', 'create_invoice']);
    const state = { status: 200 };
    commerce = Object.assign(await startHttpDouble((_, response) => sendJson(response, document, state.status)), state);
    Object.defineProperty(commerce, 'status', { set: (status: number) => void (state.status = status) });
    kong = await startKongDouble({
      services: [
        service('orders-mcp', orders.url, ['mcp', 'team-orders', 'system:shop']),
        service('commerce-api', commerce.url, ['rest']),
      ],
      routes: [route('orders-mcp', '/mcp/orders'), route('commerce-api', '/commerce')],
      plugins: [
        { name: 'mcp-governance', service: { id: 'orders-mcp' }, config: { server: { name: 'orders', kind: 'mcp' } } },
        { name: 'key-auth', service: { id: 'commerce-api' }, config: { key_names: ['apikey'] } },
      ],
    });
    running.push(orders, commerce, kong);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((double) => double.close()));
  });

  const service = (name: string, url: string, tags: string[]) => {
    const { hostname, port } = new URL(url);
    return { id: name, name, protocol: 'http', host: hostname, port: Number(port), path: null, tags };
  };
  const route = (name: string, path: string) => ({ id: `r-${name}`, name, service: { id: name }, paths: [path] });

  /** A provider connected to a catalog that only remembers what it was told. */
  const connect = async (provider: JsonObject = {}, catalog: Map<string, Entity> = new Map()) => {
    const mutations: EntityProviderMutation[] = [];
    const logger = mockServices.logger.mock();
    const connected = new KongEntityProvider({
      settings: settingsOf({
        adminUrl: kong.url,
        timeoutSeconds: 2,
        owner: { template: 'team-{name}' },
        tools: { through: 'upstream' },
        services: [{ name: 'commerce-api', document: { url: '/openapi.json' } }],
        ...provider,
      }),
      logger,
      taskRunner: { run: async () => undefined },
      findEntity: async (ref) => catalog.get(ref),
    });
    await connected.connect({
      refresh: async () => undefined,
      applyMutation: async (mutation) => {
        mutations.push(mutation);
        const added = mutation.type === 'full' ? mutation.entities : mutation.added;
        for (const { entity } of added)
          catalog.set(`${entity.kind.toLowerCase()}:default/${entity.metadata.name}`, entity);
      },
    });
    return { provider: connected, mutations, logger, catalog };
  };
  const entitiesOf = (mutation: EntityProviderMutation | undefined): readonly Entity[] =>
    (mutation?.type === 'full' ? mutation.entities : (mutation?.added ?? [])).map(({ entity }) => entity);
  const state = (entity: Entity | undefined) => [
    entity?.metadata.annotations?.['mcp-governance/state'],
    entity?.metadata.annotations?.['mcp-governance/state-reason'],
  ];

  it('are an MCP server, a REST API and the gateway', async () => {
    const { provider, mutations } = await connect();
    expect(await provider.refresh()).toEqual({ kind: 'applied', changed: 3, removed: 0 });
    expect(mutations).toHaveLength(1);
    expect(mutations[0]).toMatchObject({ type: 'full' });
    const [api, mcp, gateway] = entitiesOf(mutations[0]);
    expect(mcp).toMatchObject({
      kind: 'API',
      metadata: {
        name: 'orders-mcp',
        title: 'A double',
        tags: ['mcp', 'team-orders', 'system:shop'],
        annotations: {
          'backstage.io/managed-by-location': 'kong:test/orders-mcp',
          'mcp-governance/kong-service': 'orders-mcp',
          'mcp-governance/server': 'orders',
          'mcp-governance/state': 'ok',
        },
      },
      spec: {
        type: 'mcp-server',
        lifecycle: 'production',
        owner: 'team-orders',
        system: 'shop',
        remotes: [{ type: 'streamable-http', url: 'https://gw.example.com/mcp/orders' }],
        toolCount: 3,
        toolNames: ['create_invoice', 'delete_order', 'search_orders'],
        serverInfo: { name: 'double', version: '1.2.3', title: 'A double' },
      },
    });
    expect(api).toMatchObject({
      metadata: { name: 'commerce-api', title: 'Commerce', links: [{ url: 'https://gw.example.com/commerce' }] },
      spec: { type: 'openapi', owner: 'unknown', toolNames: ['listP'] },
    });
    expect(JSON.parse(String(api?.spec?.definition))).toMatchObject({
      servers: [{ url: 'https://gw.example.com/commerce' }],
      security: [{ gatewayKey: [] }],
      paths: document.paths,
    });
    expect(gateway).toMatchObject({
      kind: 'Resource',
      metadata: { name: 'kong-test' },
      spec: { type: 'api-gateway' },
    });
    expect(JSON.stringify(mutations)).not.toContain(new URL(orders.url).host);
  });

  it('are given once, and not again while nothing changes, although Kong lists in another order', async () => {
    const { provider, mutations } = await connect();
    await provider.refresh();
    kong.content.services.reverse();
    kong.content.routes.reverse();
    expect(await provider.refresh()).toEqual({ kind: 'unchanged' });
    expect(mutations).toHaveLength(1);
  });

  it('change one by one', async () => {
    const { provider, mutations } = await connect();
    await provider.refresh();
    orders.toolNames = ['search_orders'];
    expect(await provider.refresh()).toEqual({ kind: 'applied', changed: 1, removed: 0 });
    expect(mutations[1]).toMatchObject({ type: 'delta', removed: [] });
    expect(entitiesOf(mutations[1]).map(({ metadata, spec }) => [metadata.name, spec?.toolNames])).toEqual([
      ['orders-mcp', ['search_orders']],
    ]);
  });

  it('disappear with their service', async () => {
    const { provider, mutations } = await connect();
    await provider.refresh();
    kong.content.services.pop();
    expect(await provider.refresh()).toEqual({ kind: 'applied', changed: 0, removed: 1 });
    expect(mutations[1]).toMatchObject({
      type: 'delta',
      removed: [{ entityRef: 'api:default/commerce-api', locationKey: 'kong:test' }],
    });
  });

  it.each([503, 401])('are left alone while Kong answers %d, which is said once', async (status) => {
    const { provider, mutations, logger } = await connect();
    await provider.refresh();
    kong.failWith = status;
    expect(await provider.refresh()).toEqual({ kind: 'kong_away', reason: `answers ${status}` });
    expect(await provider.refresh()).toEqual({ kind: 'kong_away', reason: `answers ${status}` });
    expect(mutations).toHaveLength(1);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    kong.failWith = undefined;
    expect(await provider.refresh()).toEqual({ kind: 'unchanged' });
  });

  it('are left alone by a provider that starts while Kong is away', async () => {
    await kong.close();
    const { provider, mutations } = await connect();
    expect(await provider.refresh()).toEqual({ kind: 'kong_away', reason: 'cannot be reached' });
    expect(mutations).toEqual([]);
  });

  it('keep the tools seen last while their server is away, say so, and say nothing new while that lasts', async () => {
    const { provider, mutations, logger } = await connect();
    await provider.refresh();
    orders.failWith = 503;
    expect(await provider.refresh()).toEqual({ kind: 'applied', changed: 1, removed: 0 });
    const [mcp] = entitiesOf(mutations[1]);
    expect(mcp?.spec?.toolNames).toEqual(['create_invoice', 'delete_order', 'search_orders']);
    expect(state(mcp)).toEqual(['stale', 'The MCP server answers 503; its tools are those seen last.']);
    expect(logger.warn).toHaveBeenCalledWith(
      'kong:test: orders-mcp: The MCP server answers 503; its tools are those seen last.',
    );
    expect(await provider.refresh()).toEqual({ kind: 'unchanged' });
    orders.failWith = undefined;
    await provider.refresh();
    expect(state(entitiesOf(mutations[2])[0])).toEqual(['ok', undefined]);
  });

  it('keep what the catalog has when the portal restarts while a server is away', async () => {
    const { provider, catalog } = await connect();
    await provider.refresh();
    orders.failWith = 401;
    commerce.status = 500;
    const restarted = await connect({}, catalog);
    await restarted.provider.refresh();
    const [api, mcp] = entitiesOf(restarted.mutations[0]);
    expect(mcp?.spec?.toolCount).toBe(3);
    expect(state(mcp)).toEqual([
      'stale',
      'The MCP server refuses the credential of the catalog; its tools are those seen last.',
    ]);
    expect(api?.spec?.definition).toBe(catalog.get('api:default/commerce-api')?.spec?.definition);
    expect(state(api)).toEqual(['stale', 'The OpenAPI document answers 500; this is the one seen last.']);
  });

  it('are there without tools or document when nothing was ever seen, and say so again after a restart', async () => {
    orders.failWith = 503;
    commerce.status = 404;
    const { provider, mutations, catalog } = await connect();
    await provider.refresh();
    const restarted = await connect({}, catalog);
    await restarted.provider.refresh();
    for (const mutation of [mutations[0], restarted.mutations[0]]) {
      const [api, mcp] = entitiesOf(mutation);
      expect(mcp?.spec).not.toHaveProperty('toolNames');
      expect(state(mcp)).toEqual(['unknown', 'The MCP server answers 503; its tools are not known yet.']);
      expect(state(api)).toEqual(['unknown', 'The OpenAPI document answers 404; it was not seen yet.']);
    }
  });

  it('never take what somebody else’s entity of the same name shows', async () => {
    orders.failWith = 503;
    const foreign: Entity = {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'API',
      metadata: { name: 'orders-mcp' },
      spec: { type: 'mcp-server', toolNames: ['not_ours'] },
    };
    const { provider, mutations } = await connect({}, new Map([['api:default/orders-mcp', foreign]]));
    await provider.refresh();
    expect(JSON.stringify(mutations)).not.toContain('not_ours');
  });

  it('say what the configuration says where tags do not', async () => {
    kong.content.services.push(service('ungoverned', 'http://127.0.0.1:1', []));
    const { provider, mutations } = await connect({
      lifecycle: 'experimental',
      services: [
        {
          name: 'orders-mcp',
          owner: 'group:default/shop',
          system: 'till',
          title: 'Orders',
          description: 'All orders.',
        },
      ],
    });
    await provider.refresh();
    const entities = entitiesOf(mutations[0]);
    expect(entities.map(({ metadata }) => metadata.name)).toEqual(['commerce-api', 'orders-mcp', 'kong-test']);
    expect(entities[1]).toMatchObject({
      metadata: { title: 'Orders', description: 'All orders.' },
      spec: { owner: 'group:default/shop', system: 'till', lifecycle: 'experimental' },
    });
  });

  it('ask for tools through the gateway, with the key of the catalog, when they are told to', async () => {
    const gateway = await startMcpDouble('legacy', ['search_orders']);
    running.push(gateway);
    const { provider, mutations } = await connect({
      gatewayUrl: gateway.url,
      tools: { through: 'gateway', headers: { apikey: 'test-key' } },
    });
    await provider.refresh();
    expect(entitiesOf(mutations[0])[1]?.spec).toMatchObject({ toolNames: ['search_orders'], protocolEra: 'legacy' });
    expect(gateway.asked[0]).toMatchObject({ target: 'POST /mcp/orders', headers: { apikey: 'test-key' } });
    expect(orders.asked).toEqual([]);
    expect(JSON.stringify(mutations)).not.toContain('test-key');
  });
});
