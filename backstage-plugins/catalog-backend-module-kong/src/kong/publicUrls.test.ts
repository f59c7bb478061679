import type { KongRoute, KongService } from './KongService';
import { publicUrls } from './publicUrls';

const route = (fields: Partial<KongRoute>): KongRoute => ({
  id: 'r',
  name: 'r',
  paths: [],
  hosts: [],
  stripPath: true,
  tags: [],
  ...fields,
});
const service = (routes: readonly KongRoute[]): KongService => ({
  id: 's',
  name: 's',
  upstreamUrl: 'http://never-shown',
  tags: [],
  routes,
  governance: undefined,
  keyHeader: undefined,
});

describe('addresses at the gateway', () => {
  it.each<[string, Partial<KongRoute>, readonly string[], readonly string[]]>([
    ['a path', { paths: ['/mcp/orders'] }, ['https://gw.test:8443/mcp/orders'], ['/mcp/orders']],
    ['a path that Kong keeps', { paths: ['/a'], stripPath: false }, ['https://gw.test:8443/a'], ['']],
    ['the root', { paths: ['/'] }, ['https://gw.test:8443'], ['']],
    ['a host', { hosts: ['api.test'] }, ['https://api.test:8443'], ['']],
    [
      'hosts and paths',
      { hosts: ['a.test', 'b.test:1'], paths: ['/x'] },
      ['https://a.test:8443/x', 'https://b.test:1/x'],
      ['/x', '/x'],
    ],
    ['a pattern of paths', { paths: ['~/v\\d+$'] }, [], []],
    ['a pattern beside a path', { paths: ['~/v\\d+$', '/v1'] }, ['https://gw.test:8443/v1'], ['/v1']],
    ['a pattern of hosts', { hosts: ['*.test'], paths: ['/x'] }, [], []],
    ['neither', {}, ['https://gw.test:8443'], ['']],
  ])('follow from %s', (_name, fields, urls, stripped) => {
    const found = publicUrls(service([route(fields)]), 'https://gw.test:8443/');
    expect(found.map((each) => each.url)).toEqual(urls);
    expect(found.map((each) => each.stripped)).toEqual(stripped);
  });

  it('are listed once each, ten at most', () => {
    const paths = Array.from({ length: 12 }, (_, index) => `/p${index}`);
    expect(publicUrls(service([route({ paths: ['/p0'] }), route({ paths })]), 'http://gw')).toHaveLength(10);
  });
});
