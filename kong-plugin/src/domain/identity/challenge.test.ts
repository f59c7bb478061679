import { describe, expect, it } from 'vitest';
import { callerOf, oauthOptions } from '../policies/testing/fixtures.ts';
import { protectedResourceMetadata, protectedResourcePath, wwwAuthenticate } from './challenge.ts';
import { scopesForTool, toolScopesMissing } from './token-scopes.ts';

const metadata = 'resource_metadata="https://gw.example.com/.well-known/oauth-protected-resource/mcp/orders"';

describe('wwwAuthenticate', () => {
  it.each([
    ['Key without OAuth', {}, 'Key'],
    [
      'the baseline and no error for a request without a token',
      { oauth: oauthOptions },
      `Bearer scope="orders.read", ${metadata}`,
    ],
    [
      'the error of a bad token',
      { oauth: oauthOptions, error: 'invalid_token' as const },
      `Bearer error="invalid_token", scope="orders.read", ${metadata}`,
    ],
    [
      'all scopes of the call for a step-up',
      { oauth: oauthOptions, error: 'insufficient_scope' as const, scopes: ['orders.read', 'invoices.write'] },
      `Bearer error="insufficient_scope", scope="orders.read invoices.write", ${metadata}`,
    ],
    ['no scope where none is configured', { oauth: { ...oauthOptions, scopes: [] } }, `Bearer ${metadata}`],
  ])('says %s', (_, challenge, expected) => {
    expect(wwwAuthenticate(challenge)).toBe(expected);
  });

  it('drops scopes that would break out of the quotes', () => {
    const scopes = ['a"', 'b\\', 'c\r\nX: y', 'd e', '', 'ok'];
    expect(wwwAuthenticate({ oauth: oauthOptions, scopes })).toBe(`Bearer scope="ok", ${metadata}`);
  });
});

describe('the RFC 9728 document', () => {
  it('names the resource, its authorization servers and the baseline scopes, but not offline_access', () => {
    expect(protectedResourceMetadata({ ...oauthOptions, scopes: ['orders.read', 'offline_access'] })).toEqual({
      resource: 'https://gw.example.com/mcp/orders',
      authorization_servers: ['https://login.example.com'],
      scopes_supported: ['orders.read'],
      bearer_methods_supported: ['header'],
    });
    expect(protectedResourceMetadata({ ...oauthOptions, scopes: [] })).not.toHaveProperty('scopes_supported');
  });

  it.each([
    ['https://gw.example.com/mcp/orders', '/.well-known/oauth-protected-resource/mcp/orders'],
    ['https://gw.example.com/mcp/', '/.well-known/oauth-protected-resource/mcp'],
    ['https://gw.example.com', '/.well-known/oauth-protected-resource'],
    ['https://gw.example.com/', '/.well-known/oauth-protected-resource'],
  ])('of %s is at %s', (resource, path) => {
    expect(protectedResourcePath({ ...oauthOptions, resource })).toBe(path);
  });

  it('of a resource with a port and a query keeps both in the challenge (RFC 9728 section 3.1)', () => {
    const oauth = { ...oauthOptions, scopes: [], resource: 'https://gw.example.com:8443/mcp?tenant=1' };
    expect(wwwAuthenticate({ oauth })).toBe(
      'Bearer resource_metadata="https://gw.example.com:8443/.well-known/oauth-protected-resource/mcp?tenant=1"',
    );
  });
});

describe('scopes of a tool', () => {
  it('that a token lacks are named; a tool without an entry needs none', () => {
    const caller = callerOf({ scopes: ['orders.read', 'INVOICES.WRITE'] });
    expect(toolScopesMissing(oauthOptions, { tool: 'create_invoice', caller })).toEqual(['invoices.write']);
    expect(toolScopesMissing(oauthOptions, { tool: 'constructor', caller })).toEqual([]);
  });

  it('are asked for together with the baseline, each once', () => {
    expect(scopesForTool(oauthOptions, 'create_invoice')).toEqual(['orders.read', 'invoices.write']);
    expect(scopesForTool(oauthOptions, 'search_orders')).toEqual(['orders.read']);
  });
});
