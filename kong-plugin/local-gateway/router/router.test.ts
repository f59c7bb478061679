import { describe, expect, it } from 'vitest';
import type { Entities } from '../declarative-config/entities.ts';
import { readDeclarative } from '../declarative-config/read-declarative.ts';
import { escapePath, normalizePath } from './normalize-path.ts';
import { Router } from './router.ts';
import { upstreamPath } from './upstream-path.ts';

describe('normalizePath', () => {
  it.each([
    ['/', '/'],
    ['/mcp', '/mcp'],
    ['/a//b', '/a/b'],
    ['//a', '/a'],
    ['/a/./b', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/..', '/'],
    ['/..', '/'],
    ['/../../b', '/b'],
    ['/a/.', '/a/'],
    ['/%6dcp', '/mcp'],
    ['/a/%2e%2e/b', '/b'],
    ['/a%2fb', '/a%2Fb'],
    ['/a%20b', '/a b'],
    ['/%c3%a9', '/\u00c3\u00a9'],
    ['/a%zz', '/a%zz'],
    ['/...', '/...'],
    ['/a/..b', '/a/..b'],
  ])('makes %s into %s', (path, normal) => {
    expect(normalizePath(path)).toBe(normal);
  });
});

describe('escapePath', () => {
  it.each([
    ['/a b', '/a%20b'],
    ['/\u00c3\u00a9', '/%C3%A9'],
    ['/a%2Fb', '/a%2Fb'],
    ['/a?b#c', '/a?b#c'],
    ['/a\r\nX: 1', '/a%0D%0AX:%201'],
  ])('sends %j as %s', (path, escaped) => {
    expect(escapePath(path)).toBe(escaped);
  });
});

describe('upstreamPath', () => {
  // Kong's table of path_handling v0: service path, stripped or not, request.
  it.each([
    ['/s', true, '/r', '', '/s'],
    ['/s', true, '/r/', '/', '/s/'],
    ['/s', true, '/rreq', 'req', '/s/req'],
    ['/s', true, '/r/req', '/req', '/s/req'],
    ['/s/', true, '/r', '', '/s'],
    ['/s/', true, '/r/', '/', '/s/'],
    ['/s/', true, '/r/req', '/req', '/s/req'],
    ['/s/', true, '/rreq', 'req', '/s/req'],
    ['/', true, '/r', '', '/'],
    ['/', true, '/r/req', '/req', '/req'],
    ['/s', false, '/r', '', '/s/r'],
    ['/s/', false, '/r', '', '/s/r'],
    ['/', false, '/r/req', '/req', '/r/req'],
    ['/s', false, '/', '/', '/s'],
  ])('joins %s (strip %s) and %s to %s', (base, strip, path, postfix, expected) => {
    expect(upstreamPath({ base, strip, path, postfix, handling: 'v0' })).toBe(expected);
  });

  it('joins without a slash of its own in v1', () => {
    expect(upstreamPath({ base: '/s', strip: true, path: '/rreq', postfix: 'req', handling: 'v1' })).toBe('/sreq');
  });
});

const entities = (routes: readonly object[]): Entities => {
  const read = readDeclarative(
    { _format_version: '3.0', services: [{ name: 'up', host: 'up.test', routes }] },
    { plugins: new Map(), now: 1 },
  );
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};

const match = (
  routes: readonly object[],
  request: { method?: string; target: string; host?: string; headers?: Record<string, string> },
) =>
  new Router(entities(routes)).match({
    method: request.method ?? 'GET',
    target: request.target,
    host: request.host ?? 'gw.test',
    headers: new Map(Object.entries(request.headers ?? {}).map(([name, value]) => [name, [value]])),
  });

describe('Router', () => {
  it.each<[string, readonly object[], Parameters<typeof match>[1], string | undefined]>([
    [
      'the longest prefix',
      [
        { name: 'short', paths: ['/a'] },
        { name: 'long', paths: ['/a/b'] },
      ],
      { target: '/a/b/c' },
      'long',
    ],
    [
      'the longest prefix, whichever route lists it among shorter ones',
      [
        { name: 'one', paths: ['/a/b', '/z'] },
        { name: 'two', paths: ['/a', '/a/b/c'] },
      ],
      { target: '/a/b/c' },
      'two',
    ],
    ['a prefix without a slash after it', [{ name: 'r', paths: ['/a'] }], { target: '/abc' }, 'r'],
    ['nothing for another path', [{ name: 'r', paths: ['/a'] }], { target: '/b' }, undefined],
    ['nothing for another case', [{ name: 'r', paths: ['/a'] }], { target: '/A' }, undefined],
    ['an escaped path', [{ name: 'r', paths: ['/mcp'] }], { target: '/%6dcp' }, 'r'],
    ['a path behind dot segments', [{ name: 'r', paths: ['/mcp'] }], { target: '/x/../mcp' }, 'r'],
    ['a path behind two slashes', [{ name: 'r', paths: ['/mcp'] }], { target: '//mcp' }, 'r'],
    [
      'the route that matches on more things',
      [
        { name: 'path', paths: ['/a'] },
        { name: 'both', paths: ['/'], methods: ['POST'] },
      ],
      { method: 'POST', target: '/a' },
      'both',
    ],
    [
      'a host before a path',
      [
        { name: 'path', paths: ['/'] },
        { name: 'host', hosts: ['gw.test'] },
      ],
      { target: '/' },
      'host',
    ],
    ['a host with a port', [{ name: 'r', hosts: ['gw.test'] }], { target: '/', host: 'gw.test:8000' }, 'r'],
    ['a wildcard host', [{ name: 'r', hosts: ['*.test'] }], { target: '/', host: 'gw.test:8000' }, 'r'],
    [
      'nothing for a host that only ends alike',
      [{ name: 'r', hosts: ['*.test'] }],
      { target: '/', host: 'gwtest' },
      undefined,
    ],
    [
      'a plain host before a wildcard',
      [
        { name: 'wild', hosts: ['*.test'] },
        { name: 'plain', hosts: ['gw.test'] },
      ],
      { target: '/' },
      'plain',
    ],
    [
      'a regex before a longer prefix',
      [
        { name: 'prefix', paths: ['/users/1/orders'] },
        { name: 'regex', paths: ['~/users/\\d+'] },
      ],
      { target: '/users/1/orders' },
      'regex',
    ],
    [
      'the regex of higher priority',
      [
        { name: 'low', paths: ['~/users/.+'] },
        { name: 'high', paths: ['~/users/\\d+'], regex_priority: 1 },
      ],
      { target: '/users/1' },
      'high',
    ],
    ['nothing for a regex further on', [{ name: 'r', paths: ['~/users/\\d+$'] }], { target: '/users/1/x' }, undefined],
    [
      'a header by value, in any case',
      [{ name: 'r', headers: { 'X-Env': ['Dev'] } }],
      { target: '/', headers: { 'x-env': 'dev' } },
      'r',
    ],
    ['nothing without the header', [{ name: 'r', headers: { 'X-Env': ['Dev'] } }], { target: '/' }, undefined],
    [
      'a header by pattern',
      [{ name: 'r', headers: { 'X-Env': ['~*^d.v$'] } }],
      { target: '/', headers: { 'x-env': 'dev' } },
      'r',
    ],
    ['nothing for another method', [{ name: 'r', methods: ['POST'] }], { target: '/' }, undefined],
  ])('finds %s', (_name, routes, request, name) => {
    expect(match(routes, request)?.route.name).toBe(name);
  });

  it('strips the prefix, keeps captures and the host as the route says', () => {
    const found = match([{ name: 'r', paths: ['~/users/(?<id>\\d+)'], preserve_host: true }], {
      target: '/users/7/x?y=1',
    });
    expect(found).toMatchObject({
      upstreamPath: '/x',
      prefix: '/users/7',
      upstreamHost: 'gw.test',
      captures: { unnamed: ['7'], named: { id: '7' } },
    });
  });

  it('does not let a stripped prefix leave a dot segment', () => {
    expect(match([{ name: 'r', paths: ['/a'] }], { target: '/a../b' })?.upstreamPath).toBe('/b');
  });

  it('finds no route of a disabled service, and one without service', () => {
    const disabled = readDeclarative(
      {
        _format_version: '3.0',
        services: [{ name: 'up', host: 'x', enabled: false, routes: [{ name: 'off', paths: ['/off'] }] }],
        routes: [{ name: 'lone', paths: ['/lone'] }],
      },
      { plugins: new Map(), now: 1 },
    );
    const router = new Router(disabled.ok ? disabled.value : entities([]));
    const find = (target: string) => router.match({ method: 'GET', target, host: 'x', headers: new Map() })?.route.name;
    expect([find('/off'), find('/lone')]).toStrictEqual([undefined, 'lone']);
  });
});
