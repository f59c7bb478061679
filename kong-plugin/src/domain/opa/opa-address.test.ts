import { describe, expect, it } from 'vitest';
import { readOpaAddress } from './opa-address.ts';

const rule = 'mcp/governance/decision';

describe('the address of a rule', () => {
  it.each<[string, string, string]>([
    ['http://127.0.0.1:8181', rule, 'http://127.0.0.1:8181/v1/data/mcp/governance/decision'],
    ['http://127.0.0.1:8181/', '/mcp/governance/decision/', 'http://127.0.0.1:8181/v1/data/mcp/governance/decision'],
    ['https://opa.example.com/team/', rule, 'https://opa.example.com/team/v1/data/mcp/governance/decision'],
    ['http://[::1]:8181', 'decision', 'http://[::1]:8181/v1/data/decision'],
  ])('%s and %s is %s', (url, path, expected) => {
    const address = readOpaAddress(url, path);
    expect(address).toMatchObject({ ok: true, value: { label: expected } });
    expect(address.ok && address.value.url.href).toBe(expected);
    expect(address.ok && address.value.socketPath).toBeUndefined();
  });

  it('may be a Unix socket', () => {
    const address = readOpaAddress('unix:///run/opa.sock', rule);
    expect(address).toMatchObject({
      ok: true,
      value: { socketPath: '/run/opa.sock', label: '/run/opa.sock /v1/data/mcp/governance/decision' },
    });
    expect(address.ok && address.value.url.href).toBe('http://localhost/v1/data/mcp/governance/decision');
  });
});

describe('an address that cannot be meant is refused', () => {
  it.each<[string, string, string, RegExp]>([
    ['no URL', '127.0.0.1:8181', rule, /must be a URL/],
    ['a host without protocol', 'localhost:8181', rule, /must be a URL/],
    ['another protocol', 'ftp://127.0.0.1', rule, /must be a URL/],
    ['a password in the URL', 'http://a:secret@127.0.0.1', rule, /no user/],
    ['a query', 'http://127.0.0.1/?a=b', rule, /no user, query/],
    ['a fragment', 'http://127.0.0.1/#a', rule, /no user, query/],
    ['a socket without a path', 'unix://', rule, /whole path/],
    ['a socket by a relative path', 'unix://run/opa.sock', rule, /whole path/],
    ['a path that climbs', 'http://127.0.0.1', 'mcp/../../policies', /must look like/],
    ['an empty path, which would be every document', 'http://127.0.0.1', '/', /must look like/],
    ['a path with a query', 'http://127.0.0.1', 'mcp/decision?explain=full', /must look like/],
    ['an escaped path', 'http://127.0.0.1', 'mcp/%2e%2e/x', /must look like/],
    ['a Rego reference', 'http://127.0.0.1', 'data.mcp.governance', /must look like/],
  ])('%s', (_title, url, path, why) => {
    const address = readOpaAddress(url, path);
    expect(address).toEqual({ ok: false, error: expect.stringMatching(why) });
    expect(JSON.stringify(address)).not.toContain('secret');
  });
});
