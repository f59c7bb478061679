import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mockServices, startTestBackend, TestDatabases } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import aiModelModule from '@backstage/plugin-catalog-backend-module-ai-model';
import type { JsonObject } from '@backstage/types';
import request from 'supertest';
import { catalogModuleKong } from './catalogModuleKong';
import { startGateway, type Gateway } from './testing/startGateway';

const foreign = `
apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: commerce-api, title: Written by hand }
spec: { type: grpc, lifecycle: production, owner: somebody, definition: none }
`;

describe('the catalog with a real gateway behind it', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const folder = mkdtempSync(path.join(tmpdir(), 'portal-catalog-'));
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway();
  }, 120_000);
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });

  const start = async (
    knex: Awaited<ReturnType<typeof databases.init>>,
    provider: JsonObject,
    locations: string[] = [],
  ) => {
    const backend = await startTestBackend({
      features: [
        catalogPlugin,
        aiModelModule,
        catalogModuleKong,
        mockServices.database.factory({ knex }),
        mockServices.rootConfig.factory({
          data: {
            catalog: {
              processingInterval: { seconds: 1 },
              rules: [{ allow: ['API', 'Resource'] }],
              locations: locations.map((target) => ({ type: 'file', target })),
              providers: {
                kong: {
                  demo: {
                    adminUrl: gateway.adminUrl,
                    gatewayUrl: gateway.proxyUrl,
                    owner: { template: 'team-{name}' },
                    schedule: { frequency: { seconds: 1 }, timeout: { seconds: 30 } },
                    ...provider,
                  },
                },
              },
            },
          },
        }),
      ],
    });
    const find = async (ref: string): Promise<Entity | undefined> => {
      const [kind, name] = ref.split(':');
      const { status, body } = await request(backend.server).get(
        `/api/catalog/entities/by-name/${kind}/default/${name}`,
      );
      return status === 200 ? body : undefined;
    };
    return {
      /** The entity, once the catalog has processed it as far as is expected. */
      find: (ref: string, expected: object = {}) =>
        vi.waitFor(
          async () => {
            const entity = await find(ref);
            expect(entity).toBeDefined();
            expect(entity).toMatchObject(expected);
            return entity;
          },
          { timeout: 40_000, interval: 100 },
        ),
      stop: () => backend.stop(),
    };
  };

  it('shows its MCP server and its REST API, and keeps them while Kong is away', async () => {
    const knex = await databases.init('POSTGRES_18');
    const first = await start(knex, {
      tools: { through: 'upstream' },
      services: [{ name: 'commerce-api', document: { url: 'openapi.json' } }],
    });
    await first.find('api:orders-mcp', {
      spec: {
        type: 'mcp-server',
        owner: 'team-orders',
        remotes: [{ type: 'streamable-http', url: `${gateway.proxyUrl}/mcp/orders` }],
        toolNames: expect.arrayContaining(['delete_order', 'search_orders']),
        serverInfo: { name: 'commerce-demo' },
        protocolEra: 'modern',
      },
      relations: expect.arrayContaining([
        { type: 'ownedBy', targetRef: 'group:default/team-orders' },
        { type: 'dependsOn', targetRef: 'resource:default/kong-demo' },
      ]),
    });
    const api = await first.find('api:commerce-api');
    expect(api).toMatchObject({ spec: { type: 'openapi', owner: 'team-commerce' } });
    const definition = JSON.parse(String(api?.spec?.definition));
    expect(definition.servers).toEqual([{ url: `${gateway.proxyUrl}/commerce` }]);
    expect(definition.paths['/payments/{id}'].get.operationId).toBe('getPayment');
    await first.stop();

    const second = await start(knex, { adminUrl: 'http://127.0.0.1:1' });
    expect((await second.find('api:orders-mcp'))?.spec?.type).toBe('mcp-server');
    await second.stop();
  });

  it('sees only what the key of the catalog may see when it asks through the gateway', async () => {
    const backend = await start(await databases.init('POSTGRES_18'), {
      tools: { through: 'gateway', headers: { apikey: 'test-key-acme-support' } },
    });
    expect((await backend.find('api:orders-mcp'))?.spec?.toolNames).toEqual([
      'confirm_refund',
      'generate_report',
      'search_orders',
    ]);
    await backend.stop();
  });

  it('leaves an entity of somebody else alone', async () => {
    const knex = await databases.init('POSTGRES_18');
    const file = path.join(folder, 'foreign.yaml');
    writeFileSync(file, foreign);
    const before = await start(knex, { adminUrl: 'http://127.0.0.1:1' }, [file]);
    expect((await before.find('api:commerce-api'))?.metadata.title).toBe('Written by hand');
    await before.stop();

    const after = await start(knex, { tools: { through: 'upstream' } }, [file]);
    // Its own entities are there, so the provider has tried the other one, too.
    await after.find('api:orders-mcp');
    expect(await after.find('api:commerce-api')).toMatchObject({
      metadata: { title: 'Written by hand' },
      spec: { type: 'grpc', owner: 'somebody' },
    });
    await after.stop();
  });
});
