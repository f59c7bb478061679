import { startKongDouble, type KongContent, type KongDouble } from '../testing/startKongDouble';
import { KongAdminApi } from './KongAdminApi';
import { readKongServices } from './readKongServices';

describe('the services of Kong', () => {
  let kong: KongDouble;
  afterEach(() => kong.close());
  const read = async (content: Partial<KongContent>) => {
    kong = await startKongDouble(content);
    const services = await readKongServices(new KongAdminApi({ url: kong.url, headers: {}, timeoutSeconds: 2 }));
    if (!services.ok) throw new Error(services.error.sentence);
    return services.value;
  };

  it('carry their routes, tags and governance, and none of the secrets of the plugin', async () => {
    const services = await read({
      services: [
        { id: 's1', name: 'orders-mcp', protocol: 'http', host: 'orders', port: 9101, path: '/mcp', tags: ['mcp'] },
        { id: 's2', name: 'off', protocol: 'http', host: 'h', port: 80, enabled: false },
        { id: '3a3a3a3a-0000', name: null, protocol: 'https', host: 'h', port: 443, path: null, tags: null },
      ],
      routes: [
        { id: 'r2', name: 'b', service: { id: 's1' }, paths: ['/b'], hosts: null, strip_path: false },
        { id: 'r1', name: 'a', service: { id: 's1' }, paths: ['/a'], strip_path: true },
        { id: 'r3', name: 'without-service', service: null, paths: ['/c'] },
      ],
      plugins: [
        { name: 'key-auth', enabled: true, service: { id: 's1' }, route: null, config: { key_names: ['x-key'] } },
        {
          name: 'mcp-governance',
          enabled: true,
          service: null,
          route: { id: 'r1' },
          config: {
            server: { name: 'orders', kind: 'mcp' },
            management: { token: 'test-secret' },
            rest: { operations: [{ method: 'GET', path: '/x' }, { method: 'GET' }], openapi: null },
          },
        },
        { name: 'key-auth', enabled: false, service: { id: '3a3a3a3a-0000' }, config: {} },
      ],
    });
    expect(services.map(({ name, upstreamUrl }) => [name, upstreamUrl])).toEqual([
      ['orders-mcp', 'http://orders:9101/mcp'],
      ['service-3a3a3a3a', 'https://h'],
    ]);
    const [orders, unnamed] = services;
    expect(orders).toMatchObject({
      tags: ['mcp'],
      keyHeader: 'x-key',
      governance: { server: 'orders', kind: 'mcp', rest: { operations: [{ method: 'GET', path: '/x' }] } },
    });
    expect(orders?.routes.map(({ name, paths, stripPath }) => [name, paths, stripPath])).toEqual([
      ['a', ['/a'], true],
      ['b', ['/b'], false],
    ]);
    expect(unnamed).toMatchObject({ tags: [], routes: [], governance: undefined, keyHeader: undefined });
    expect(JSON.stringify(services)).not.toContain('test-secret');
  });
});
