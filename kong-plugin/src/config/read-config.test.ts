import { describe, expect, it } from 'vitest';
import { configFields } from './fields.ts';
import type { NamedField } from './kong-schema.ts';
import { readConfig } from './read-config.ts';

const minimal = { server: { name: 'orders' } };
const issuesOf = (raw: unknown): readonly string[] => {
  const read = readConfig(raw);
  return read.ok ? [] : read.error;
};

describe('readConfig', () => {
  it('needs only the name of the server and denies everything until rules allow', () => {
    const read = readConfig(minimal);
    expect(read).toMatchObject({
      ok: true,
      value: {
        guard: 'mcp-guard',
        scope: 'global',
        recordsFile: 'mcp-governance/invocations.jsonl',
        server: {
          server: { name: 'orders', kind: 'mcp' },
          rules: [],
          limits: { maxBodyBytes: 4_194_304, maxDepth: 64 },
        },
      },
    });
  });

  it.each([
    [
      { route_id: 'r', service_id: 's' },
      { scope: 'route', scopeId: 'r' },
    ],
    [{ service_id: 's' }, { scope: 'service', scopeId: 's' }],
    [{ consumer_id: 'c' }, { scope: 'consumer', scopeId: 'c' }],
  ])('takes its scope %o from what Kong adds', (own, scope) => {
    expect(readConfig({ ...minimal, ...own })).toMatchObject({ ok: true, value: scope });
  });

  it('names an operation without a name by its method and path', () => {
    const read = readConfig({
      server: { name: 'shop', kind: 'rest' },
      rest: { operations: [{ method: 'GET', path: '/users/{id}' }] },
    });
    expect(read).toMatchObject({
      ok: true,
      value: {
        server: { rest: { operations: [{ name: 'GET /users/{id}', method: 'GET', template: '/users/{id}' }] } },
      },
    });
  });

  it('reads operations from an OpenAPI document', () => {
    const openapi = JSON.stringify({
      openapi: '3.1.0',
      info: { title: 't', version: '1' },
      paths: { '/users': { get: { operationId: 'listUsers', responses: {} } } },
    });
    const read = readConfig({ server: { name: 'shop', kind: 'rest' }, rest: { openapi } });
    expect(read).toMatchObject({
      ok: true,
      value: { server: { rest: { operations: [{ name: 'listUsers', method: 'GET', template: '/users' }] } } },
    });
  });

  it('expects tokens for the resource, from the authorization servers, unless told otherwise', () => {
    const oauth = { resource: 'https://gw.example.com/mcp', authorization_servers: ['https://login.example.com'] };
    expect(readConfig({ ...minimal, oauth })).toMatchObject({
      ok: true,
      value: {
        server: { oauth: { issuers: ['https://login.example.com'], audiences: ['https://gw.example.com/mcp'] } },
      },
    });
  });

  it('lists tools itself every 300 s where it is told to, with a credential in the header that it names', () => {
    const refresh = { url: 'http://orders:8080/mcp', credential: 'Bearer t' };
    expect(readConfig({ ...minimal, pins: { refresh } })).toMatchObject({
      ok: true,
      value: { pinRefresh: { ...refresh, seconds: 300, credentialHeader: 'authorization' } },
    });
    expect(readConfig(minimal)).not.toHaveProperty('value.pinRefresh');
  });

  it('keeps the built-in names of secrets when more are added', () => {
    const read = readConfig({ ...minimal, records: { redact_keys: ['tax_id'] } });
    expect(read.ok && read.value.server.records.redactKeys).toEqual(expect.arrayContaining(['password', 'tax_id']));
  });

  it.each([
    ['no server', {}, 'server.name: required field missing'],
    ['a typo', { ...minimal, rulez: [] }, 'rulez: unknown field'],
    [
      'a rule id used twice',
      {
        ...minimal,
        rules: [
          { id: 'a', tools: ['x'] },
          { id: 'a', tools: ['y'] },
        ],
      },
      'rules: the id a is used twice',
    ],
    [
      'an operation without a slash',
      { ...minimal, rest: { operations: [{ method: 'GET', path: 'users' }] } },
      'rest.operations[1].path: must begin with /',
    ],
    [
      'an OpenAPI document that is not JSON',
      { ...minimal, rest: { openapi: 'openapi: 3.1.0' } },
      'rest.openapi: is not JSON',
    ],
    [
      'pins that are refreshed from no address',
      { ...minimal, pins: { refresh: { url: 'orders' } } },
      'pins.refresh.url: is not a URL, e.g. http://orders-mcp:8080/mcp',
    ],
    [
      'a password in the address of a list',
      { ...minimal, pins: { refresh: { url: 'http://user:secret@orders/mcp' } } },
      'pins.refresh.url: holds a password: put it into pins.refresh.credential',
    ],
    [
      'a header that is none',
      { ...minimal, pins: { refresh: { url: 'http://orders/mcp', credential_header: 'x y' } } },
      'pins.refresh.credential_header: is no header name',
    ],
    [
      'the tools of a REST API refreshed',
      { server: { name: 'shop', kind: 'rest' }, pins: { refresh: { url: 'http://shop/mcp' } } },
      'pins.refresh: a REST API has no tools/list: leave it out',
    ],
    [
      'a JSON path that is none',
      { ...minimal, records: { redact_paths: ['customer.email'] } },
      'records.redact_paths: ',
    ],
    [
      'a resource that is no URL',
      { ...minimal, oauth: { resource: '/mcp', authorization_servers: ['https://l.example.com'] } },
      'oauth: /mcp is not an absolute URL',
    ],
    [
      'a short session secret',
      { ...minimal, sessions: { secret: 'short' } },
      'sessions.secret: length must be at least 32',
    ],
    [
      'groups without the guard that reads them',
      { ...minimal, guard: 'post-function', rules: [{ id: 'g', callers: { groups: ['gold'] }, tools: ['x'] }] },
      'rules: g names ACL groups',
    ],
    [
      'a group list that would match everybody',
      { ...minimal, rules: [{ id: 'g', callers: { consumers: [] }, tools: ['x'] }] },
      'rules[1].callers.consumers: length must be at least 1',
    ],
  ])('refuses %s', (_, raw, issue) => {
    expect(issuesOf(raw).some((found) => found.startsWith(issue))).toBe(true);
  });
});

/** Kong's metaschema (kong/db/schema/metaschema.lua) takes descriptions of 10 to 500 characters. */
describe('configFields', () => {
  const everyField = (
    fields: readonly NamedField[],
    path = '',
  ): readonly (readonly [string, { readonly description?: string }])[] =>
    fields.flatMap((named) =>
      Object.entries(named).flatMap(([name, field]) => {
        const here = `${path}${name}`;
        const nested =
          field.type === 'record'
            ? field.fields
            : field.type === 'array' && field.elements.type === 'record'
              ? field.elements.fields
              : [];
        return [[here, field] as const, ...everyField(nested, `${here}.`)];
      }),
    );

  it('describes each field in 10 to 500 characters', () => {
    const fields = everyField(configFields);
    expect(fields.length).toBeGreaterThan(40);
    const wrong = fields
      .filter(([, field]) => (field.description?.length ?? 0) < 10 || (field.description?.length ?? 0) > 500)
      .map(([name]) => name);
    expect(wrong).toEqual([]);
  });

  it('survives JSON, which is how Kong reads it', () => {
    expect(JSON.parse(JSON.stringify(configFields))).toEqual(configFields);
  });
});
