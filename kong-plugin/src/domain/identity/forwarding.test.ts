import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../http-request.ts';
import { compileForwarding, type ForwardingState } from './forwarding.ts';

const config = {
  credentialHeaders: ['Authorization', 'apikey', 'x-api-key'],
  credentialQuery: ['apikey', 'access_token'],
  identityHeaders: ['x-user-*', 'remote-user'],
};
const forwardingOf = compileForwarding(config);
const nobody: ForwardingState = { hasConsumer: false, groupsHeaderVerified: false };

const requestOf = (headers: Readonly<Record<string, string | readonly string[]>>, query = ''): HttpRequest => ({
  method: 'POST',
  path: '/mcp',
  query,
  headers: new Map(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value])),
  body: new Uint8Array(),
});

const kept = (headers: Readonly<Record<string, string | readonly string[]>>, state: ForwardingState): string[] => {
  const { clearHeaders } = forwardingOf(requestOf(headers), state);
  return Object.keys(headers).filter((name) => !clearHeaders.includes(name));
};

describe('headers', () => {
  const everything = {
    accept: 'application/json',
    'content-type': 'application/json',
    'mcp-session-id': 's',
    traceparent: 't',
    'x-consumer': 'harmless',
    authorization: 'Bearer x',
    apikey: 'k',
    'x-api-key': 'k',
    x_api_key: 'k',
    'x-consumer-id': 'c-1',
    'x-consumer-username': 'acme',
    'x-consumer-custom-id': 'crm-7',
    'x-consumer-groups': 'gold',
    'x-consumer-anything': 'x',
    x_consumer_id: 'admin',
    'x-consumer_groups': 'admin',
    'x-credential-identifier': 'cred-1',
    'x-credential-username': 'x',
    'x-anonymous-consumer': 'true',
    'x-authenticated-userid': 'root',
    'x-authenticated-groups': 'admin',
    'x-mcp-governance-tenant': 'globex',
    'x-tenant-id': 'globex',
    x_tenant_id: 'globex',
    'x-user-id': '1',
    'remote-user': 'root',
  };
  const harmless = ['accept', 'content-type', 'mcp-session-id', 'traceparent', 'x-consumer'];

  it('of a client that nobody authenticated lose all identity, in both spellings', () => {
    expect(kept(everything, nobody)).toEqual(harmless);
  });

  it('of a consumer keep what Kong itself has set, and groups only when verified', () => {
    const set = ['x-consumer-id', 'x-consumer-username', 'x-consumer-custom-id'];
    const rest = ['x-credential-identifier', 'x-anonymous-consumer'];
    expect(kept(everything, { hasConsumer: true, groupsHeaderVerified: false })).toEqual([
      ...harmless,
      ...set,
      ...rest,
    ]);
    expect(kept(everything, { hasConsumer: true, groupsHeaderVerified: true })).toEqual([
      ...harmless,
      ...set,
      'x-consumer-groups',
      ...rest,
    ]);
  });

  it('of a known consumer stay only when they say the same', () => {
    const state: ForwardingState = {
      hasConsumer: true,
      groupsHeaderVerified: false,
      consumer: { id: 'c-1', username: 'acme' },
      credentialId: 'cred-1',
    };
    expect(kept(everything, state)).toEqual([
      ...harmless,
      'x-consumer-id',
      'x-consumer-username',
      'x-credential-identifier',
      'x-anonymous-consumer',
    ]);
    const forged = { 'x-consumer-id': ['c-1', 'admin'], 'x-consumer-username': 'admin', 'x-credential-identifier': '' };
    expect(kept(forged, state)).toEqual([]);
  });

  it('keep groups only together with a consumer', () => {
    expect(kept({ 'x-consumer-groups': 'gold' }, { hasConsumer: false, groupsHeaderVerified: true })).toEqual([]);
  });

  it('are cleared under the name they came with', () => {
    expect(forwardingOf(requestOf({ x_tenant_id: 'a', authorization: 'b' }), nobody).clearHeaders).toEqual([
      'x_tenant_id',
      'authorization',
    ]);
  });
});

describe('the query', () => {
  it.each([
    ['apikey=secret', ''],
    ['a=1&apikey=secret&b=2', 'a=1&b=2'],
    ['apikey=1&apikey=2&a=%20%zz+x', 'a=%20%zz+x'],
    ['a=1&%61pikey=secret', 'a=1'],
    ['a=1&access%5Ftoken=secret', 'a=1'],
    ['apikey&a', 'a'],
    ['a=1&&apikey=s&', 'a=1&&'],
  ])('%j goes on as %j', (query, expected) => {
    expect(forwardingOf(requestOf({}, query), nobody).query).toBe(expected);
  });

  it.each(['', 'a=1&b=2', 'apikeys=1', 'x=apikey', 'a=apikey=1', 'APIKEY=1', '%=1', 'a%2=1&&;apikey'])(
    '%j is not touched',
    (query) => {
      expect(forwardingOf(requestOf({}, query), nobody)).toEqual({ clearHeaders: [] });
    },
  );
});
