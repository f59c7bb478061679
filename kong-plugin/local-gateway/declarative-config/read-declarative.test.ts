import { describe, expect, it } from 'vitest';
import { bundledSchemas } from './bundled-schemas.ts';
import { toPluginSchema } from './plugin-schema.ts';
import { issueText, readDeclarative, readDeclarativeText } from './read-declarative.ts';
import { readDump } from '../../src/plugin-server/testing/transcript.ts';

const [dump] = readDump() as readonly {
  readonly Schema: { readonly name: string; readonly fields: readonly unknown[] };
}[];
const governance = toPluginSchema(dump?.Schema ?? { name: '', fields: [] });
const plugins = new Map([...bundledSchemas, governance].map((schema) => [schema.name, schema]));
const options = { plugins, now: 1_795_339_422 };

const issues = (config: object): readonly string[] => {
  const read = readDeclarative({ _format_version: '3.0', ...config }, options);
  return read.ok ? [] : read.error.map(issueText);
};

const route = (fields: object): object => ({
  services: [{ name: 's', host: 'h', routes: [{ name: 'r', ...fields }] }],
});
const plugin = (fields: object): object => ({ plugins: [fields] });

describe('readDeclarative', () => {
  it('gives entities the ids that a real Kong 3.9.1 gave them', () => {
    const read = readDeclarative(
      {
        _format_version: '3.0',
        services: [
          {
            name: 'up',
            url: 'http://127.0.0.1:21002',
            routes: [{ name: 'mcp', paths: ['/mcp'], plugins: [{ name: 'mcp-governance' }] }],
          },
        ],
        consumers: [{ username: 'alice' }],
      },
      options,
    );
    expect(read).toMatchObject({
      ok: true,
      value: {
        services: [{ id: 'dea4c45f-3d88-5461-8ebd-05ae5bbbf87a', created_at: 1_795_339_422 }],
        routes: [
          { id: 'e37ba545-bf6b-53f7-bbfb-dde5f4cc943c', service: { id: 'dea4c45f-3d88-5461-8ebd-05ae5bbbf87a' } },
        ],
        consumers: [{ id: 'b32379d9-3d28-5683-a79c-72139be6e34f' }],
        plugins: [
          { id: '37710ecf-d73d-5fdb-b716-6e085a5691e3', route: { id: 'e37ba545-bf6b-53f7-bbfb-dde5f4cc943c' } },
        ],
      },
    });
  });

  it('gives credentials random ids, which say nothing about the key', () => {
    const config = { _format_version: '3.0', consumers: [{ username: 'a', keyauth_credentials: [{ key: 'k' }] }] };
    const ids = [1, 2].map(() => {
      const read = readDeclarative(config, options);
      return read.ok ? read.value.keyauth_credentials[0]?.id : undefined;
    });
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it("fills Kong's defaults, and null for what was not given", () => {
    const read = readDeclarative({ _format_version: '3.0', ...route({ paths: ['/a'] }) }, options);
    expect(read.ok && read.value.services[0]).toMatchObject({
      protocol: 'http',
      port: 80,
      path: null,
      retries: 5,
      connect_timeout: 60_000,
      enabled: true,
      tags: null,
    });
    expect(read.ok && read.value.routes[0]).toMatchObject({
      protocols: ['http', 'https'],
      strip_path: true,
      preserve_host: false,
      response_buffering: true,
      https_redirect_status_code: 426,
      path_handling: 'v0',
      hosts: null,
    });
  });

  it("fills a plugin's defaults from the schema its server printed, in nested records too", () => {
    const read = readDeclarative(
      {
        _format_version: '3.0',
        ...plugin({ name: 'mcp-governance', config: { audit: { endpoint: 'x' }, rules: [{ id: 'r' }] } }),
      },
      options,
    );
    expect(read.ok && read.value.plugins[0]?.config).toStrictEqual({
      title: null,
      default_action: 'deny',
      rules: [{ id: 'r', consumers: null, groups: null, tools: null, action: 'allow', rate: null }],
      headers: null,
      audit: { enabled: true, sample: 0.5, endpoint: 'x' },
      token: null,
      max_body: 1_048_576,
      blocked: [],
    });
  });

  it('accepts references by name and by id, and scopes given as objects', () => {
    const read = readDeclarative(
      {
        _format_version: '3.0',
        services: [{ name: 's', host: 'h' }],
        routes: [{ name: 'r', paths: ['/a'], service: 's' }],
        consumers: [{ username: 'c' }],
        acls: [{ consumer: 'c', group: 'gold' }],
        plugins: [
          { name: 'key-auth', route: { name: 'r' } },
          { name: 'mcp-governance', service: 's', consumer: 'c' },
        ],
      },
      options,
    );
    expect(
      read.ok && [
        read.value.plugins.map((item) => [item.route !== null, item.service !== null, item.consumer !== null]),
      ],
    ).toStrictEqual([
      [
        [true, false, false],
        [false, true, true],
      ],
    ]);
  });

  it.each<[string, object, string]>([
    ['an unknown top-level field', { colours: [] }, 'colours: unknown field'],
    [
      'an unknown field of a service',
      { services: [{ host: 'h', colour: 'red' }] },
      'services[1].colour: unknown field',
    ],
    ['a missing host', { services: [{ name: 's' }] }, 'services[1].host: required field missing'],
    ['a path without slash', route({ paths: ['a'] }), 'services[1].routes[1].paths[1]: should start with: /'],
    [
      'a path with empty segments',
      route({ paths: ['/a//b'] }),
      'services[1].routes[1].paths[1]: must not have empty segments',
    ],
    ['a path that is not normal', route({ paths: ['/a/../b'] }), "consider use '/b' instead"],
    ['a bad regex', route({ paths: ['~/('] }), 'services[1].routes[1].paths[1]: invalid regex'],
    ['a route that matches nothing', route({}), 'at least one of these fields must be non-empty'],
    ['a method in small letters', route({ methods: ['get'] }), 'services[1].routes[1].methods[1]: invalid value: get'],
    [
      'a timeout of 0',
      { services: [{ host: 'h', read_timeout: 0 }] },
      'services[1].read_timeout: value should be between 1 and',
    ],
    ['a text for a number', { services: [{ host: 'h', port: '80' }] }, 'services[1].port: expected an integer'],
    ['gRPC', { services: [{ host: 'h', protocol: 'grpc' }] }, 'services[1].protocol: expected one of: http, https'],
    [
      'a consumer without name',
      { consumers: [{ tags: ['x'] }] },
      "at least one of these fields must be non-empty: 'custom_id', 'username'",
    ],
    ['an unknown plugin', plugin({ name: 'rate-limiting' }), "plugins[1].name: plugin 'rate-limiting' not enabled"],
    [
      'an unknown field of a plugin',
      plugin({ name: 'key-auth', config: { key: 'x' } }),
      'plugins[1].config.key: unknown field',
    ],
    [
      'a wrong nested field',
      plugin({ name: 'mcp-governance', config: { rules: [{ id: 'a', action: 'maybe' }] } }),
      'plugins[1].config.rules[1].action: expected one of: allow, deny',
    ],
    [
      'a missing nested field',
      plugin({ name: 'mcp-governance', config: { rules: [{}] } }),
      'plugins[1].config.rules[1].id: required field missing',
    ],
    [
      'a limit of 0',
      plugin({ name: 'mcp-governance', config: { rules: [{ id: 'a', rate: { limit: 0 } }] } }),
      'value must be greater than 0',
    ],
    [
      'a number in a map of texts',
      plugin({ name: 'mcp-governance', config: { headers: { a: 1 } } }),
      'plugins[1].config.headers.a: expected a string',
    ],
    [
      'an empty text',
      plugin({ name: 'mcp-governance', config: { title: '' } }),
      'plugins[1].config.title: length must be at least 1',
    ],
    [
      'acl with allow and deny',
      plugin({ name: 'acl', config: { allow: ['a'], deny: ['b'] } }),
      'exactly one of these fields must be non-empty',
    ],
    ['acl with neither', plugin({ name: 'acl', config: {} }), 'exactly one of these fields must be non-empty'],
    [
      'key-auth for a consumer',
      { consumers: [{ username: 'c', plugins: [{ name: 'key-auth' }] }] },
      'consumers[1].plugins[1].consumer: value must be null',
    ],
    ['a reference to nothing', { routes: [{ paths: ['/a'], service: 'nope' }] }, "invalid reference 'service: nope'"],
    [
      'two services of one name',
      {
        services: [
          { name: 's', host: 'h' },
          { name: 's', host: 'h' },
        ],
      },
      "uniqueness violation: 'services' entity with",
    ],
    [
      'two credentials with one key',
      { consumers: [{ username: 'a', keyauth_credentials: [{ key: 'secret' }, { key: 'secret' }] }] },
      "with key set to 'a value' already declared",
    ],
    [
      'an RS256 secret without public key',
      { consumers: [{ username: 'a', jwt_secrets: [{ algorithm: 'RS256' }] }] },
      'failed conditional validation',
    ],
  ])('refuses %s', (_name, config, text) => {
    expect(issues(config).join('\n')).toContain(text);
  });

  it('never repeats a key in a message', () => {
    const text = issues({
      consumers: [{ username: 'a', keyauth_credentials: [{ key: 'secret-1' }, { key: 'secret-1' }] }],
    }).join();
    expect(text).not.toContain('secret-1');
  });

  it('lists all issues at once', () => {
    expect(issues({ services: [{ host: 'h', a: 1, b: 2 }], routes: [{}] })).toHaveLength(3);
  });
});

describe('readDeclarativeText', () => {
  it('names the line of a field that is wrong', () => {
    const text = [
      '_format_version: "3.0"',
      'services:',
      '- name: s',
      '  host: h',
      '  routes:',
      '  - name: r',
      '    paths:',
      '    - /a',
      '    - b',
    ].join('\n');
    const read = readDeclarativeText(text, options);
    expect(read.ok ? [] : read.error.map(issueText)).toStrictEqual([
      'line 9: services[1].routes[1].paths[2]: should start with: / (fixed path) or ~/ (regex path)',
    ]);
  });

  it('names the line of a YAML error, and of a key written twice', () => {
    expect(issueLines('a: [1\nb: 2')).toMatch(/^line \d/);
    expect(issueLines('_format_version: "3.0"\nservices: []\nservices: []')).toMatch(
      /^line 3: Map keys must be unique/,
    );
  });

  const issueLines = (text: string): string => {
    const read = readDeclarativeText(text, options);
    return read.ok ? '' : read.error.map(issueText).join('\n');
  };

  it('reads JSON as well, and refuses what is no object', () => {
    expect(readDeclarativeText('{"_format_version":"3.0"}', options).ok).toBe(true);
    expect(issueLines('- a')).toBe('expected an object');
    expect(issueLines('')).toBe('expected an object');
  });
});
