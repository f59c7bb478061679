import { describe, expect, it } from 'vitest';
import { findGovernedPlaces } from './governed-place.ts';
import { readKongFile } from './read-kong-file.ts';

const read = (text: string) => {
  const kong = readKongFile(text, 'k.yml');
  if (!kong.ok) throw new Error(JSON.stringify(kong.error));
  return kong.value;
};

/** Lines differ between two ways to write one thing. */
const withoutLines = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'line' || key === 'consumer' ? undefined : each)));

const nested = `
services:
  - name: orders
    routes: [{ name: r1, response_buffering: false, plugins: [{ name: cors }] }, { name: r2 }]
    plugins: [{ name: mcp-governance, config: { server: { name: orders } } }]
routes: [{ name: alone, plugins: [{ name: acl }] }]
consumers:
  - { username: alice, custom_id: a-1, tags: ['tenant:acme'], acls: [{ group: billing }, { group: ops }], plugins: [{ name: cors }] }
plugins: [{ name: prometheus }]
`;

const flat = (as: (name: string) => string) => `
services: [{ name: orders }]
routes:
  - { name: r1, service: ${as('orders')}, response_buffering: false }
  - { name: r2, service: ${as('orders')} }
  - { name: alone }
consumers: [{ username: alice, custom_id: a-1, tags: ['tenant:acme'] }]
acls:
  - { consumer: ${as('alice').replace('name', 'username')}, group: billing }
  - { consumer: ${as('alice').replace('name', 'username')}, group: ops }
plugins:
  - { name: mcp-governance, service: ${as('orders')}, config: { server: { name: orders } } }
  - { name: cors, route: ${as('r1')} }
  - { name: acl, route: ${as('alone')} }
  - { name: cors, consumer: ${as('alice').replace('name', 'username')} }
  - { name: prometheus }
`;

describe('readKongFile', () => {
  it('reads entities that are nested in each other', () => {
    const { services, routes, consumers, plugins } = read(nested);
    expect(services[0]?.routes.map(({ name, responseBuffering }) => [name, responseBuffering])).toEqual([
      ['r1', false],
      ['r2', true],
    ]);
    expect(routes.map(({ name }) => name)).toEqual(['alone']);
    expect(consumers[0]).toMatchObject({ username: 'alice', customId: 'a-1', groups: ['billing', 'ops'], line: 8 });
    expect(plugins.map(({ name }) => name)).toEqual(['prometheus']);
  });

  it.each([
    ['decK writes it, by name', (name: string) => name],
    ['Kong writes it, as a reference', (name: string) => `{ name: ${name} }`],
  ])('reads the same from a flat file as %s', (_title, as) => {
    expect(withoutLines(read(flat(as)))).toEqual(withoutLines(read(nested)));
  });

  it('reads JSON', () => {
    const json = JSON.stringify({ services: [{ name: 'a', plugins: [{ name: 'acl', enabled: false }] }] });
    expect(read(json).services[0]?.plugins).toEqual([{ name: 'acl', enabled: false, config: {}, line: 1 }]);
  });

  it.each(['no', 'No', 'off', 'n', 'false'])('takes %s for false, as the YAML of Kong does', (word) => {
    expect(read(`plugins: [{ name: acl, enabled: ${word} }]`).plugins[0]?.enabled).toBe(false);
  });

  it.each(['yes', 'true', '~', '""'])('an enabled of %s is not false', (word) => {
    expect(read(`plugins: [{ name: acl, enabled: ${word} }]`).plugins[0]?.enabled).toBe(true);
  });

  it('a plugin of one consumer on a service is not one of all its consumers', () => {
    const kong = read(`
services:
  - name: orders
    plugins: [{ name: mcp-governance, consumer: alice, config: { server: { name: orders } } }]
consumers: [{ username: alice }, { username: bob }]`);
    expect(findGovernedPlaces(kong).places[0]?.plugin.consumer).toBe('alice');
  });

  it('a plugin of a consumer group is nobody’s', () => {
    expect(read('plugins: [{ name: acl, consumer_group: gold }]').plugins).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['services: {}', 'services', 'expected a list'],
    ['services: [orders]', 'services[0]', 'expected a map of fields'],
    ['services: [{ name: a, plugins: [{ config: {} }] }]', 'services[0].plugins[0]', 'a plugin needs a name'],
    ['consumers: [{ tags: [a] }]', 'consumers[0]', 'a consumer needs a username or a custom_id'],
    ['plugins: 5', 'plugins', 'expected a list'],
  ])('%s: %s: %s', (text, path, problem) => {
    expect(readKongFile(text, 'k.yml')).toEqual({ ok: false, error: [{ file: 'k.yml', line: 1, path, problem }] });
  });

  it('a document whose aliases multiply is refused', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level++) {
      const before = String.fromCharCode(96 + level);
      const name = String.fromCharCode(97 + level);
      lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
    }
    expect(readKongFile(lines.join('\n'), 'k.yml')).toMatchObject({ ok: false });
  });

  it('finds the groups of 5,000 consumers in a flat file', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `c${index}`);
    const kong = read(
      JSON.stringify({
        consumers: names.map((username) => ({ username })),
        acls: names.map((consumer) => ({ consumer, group: `g-${consumer}` })),
      }),
    );
    expect(kong.consumers.every(({ username, groups }) => groups.length === 1 && groups[0] === `g-${username}`)).toBe(
      true,
    );
  });
});
