import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { OauthOptions } from '../server-config.ts';
import { oauthOptions } from '../policies/testing/fixtures.ts';
import { checkToken } from './check-token.ts';

const now = 1_785_600_000;
const good = {
  iss: 'https://login.example.com',
  aud: 'https://gw.example.com/mcp/orders',
  sub: 'ann',
  exp: now + 300,
  scope: 'orders.read invoices.write',
};

const encode = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url');
const tokenOf = (payload: unknown): string =>
  `${encode('{"alg":"RS256"}')}.${encode(JSON.stringify(payload))}.${encode('signature')}`;
const check = (payload: unknown, oauth: OauthOptions = oauthOptions): ReturnType<typeof checkToken> =>
  checkToken(tokenOf(payload), oauth, now);

describe('checkToken accepts', () => {
  it('a token of a known issuer for this resource and says what it holds', () => {
    expect(check(good)).toEqual({
      ok: true,
      value: {
        issuer: 'https://login.example.com',
        subject: 'ann',
        audiences: ['https://gw.example.com/mcp/orders'],
        scopes: ['orders.read', 'invoices.write'],
        expiresAt: now + 300,
      },
    });
  });

  it.each<[string, object]>([
    ['an audience in a list', { ...good, aud: ['https://other.example.com', good.aud] }],
    ['nbf now', { ...good, nbf: now }],
    ['nbf 30 seconds ahead, for clocks differ', { ...good, nbf: now + 30 }],
    ['one second of life', { ...good, exp: now + 1 }],
    ['no sub', { iss: good.iss, aud: good.aud, exp: good.exp }],
    ['a fractional exp', { ...good, exp: now + 0.5 }],
  ])('%s', (_, payload) => {
    expect(check(payload).ok).toBe(true);
  });

  it.each<[object, readonly string[]]>([
    [{ scope: undefined, scp: ['a', 'b'] }, ['a', 'b']],
    [{ scope: undefined, scp: 'a b' }, ['a', 'b']],
    [{ scope: ' a  b ' }, ['a', 'b']],
    [{ scope: '' }, []],
    [{ scope: undefined }, []],
    [{ scope: 'a', scp: 'b' }, ['a']],
  ])('scopes %j as %j', (scopes, expected) => {
    const checked = check({ ...good, ...scopes });
    expect(checked.ok && checked.value.scopes).toEqual(expected);
  });

  it('a listed audience as well as the resource, and nothing else', () => {
    const oauth = { ...oauthOptions, audiences: ['orders-api'] };
    expect(check({ ...good, aud: 'orders-api' }, oauth).ok).toBe(true);
    expect(check(good, oauth).ok).toBe(true);
    expect(check({ ...good, aud: 'invoices-api' }, oauth).ok).toBe(false);
  });
});

describe('checkToken refuses', () => {
  it.each<[string, object, RegExp]>([
    ['another issuer', { ...good, iss: 'https://evil.example.com' }, /issuer/],
    ['an issuer with a slash more', { ...good, iss: `${good.iss}/` }, /issuer/],
    ['no issuer', { ...good, iss: undefined }, /well-formed/],
    ['another audience', { ...good, aud: 'https://gw.example.com/mcp/billing' }, /audience: request one for https/],
    ['an audience that only begins like the resource', { ...good, aud: `${good.aud}/x` }, /audience/],
    ['both audiences in one string', { ...good, aud: `x ${good.aud}` }, /audience/],
    ['no audience', { ...good, aud: undefined }, /well-formed/],
    ['an empty list of audiences', { ...good, aud: [] }, /audience/],
    ['an audience list with a number', { ...good, aud: [good.aud, 1] }, /well-formed/],
    ['an audience object', { ...good, aud: { 0: good.aud } }, /well-formed/],
    ['a token that ends now', { ...good, exp: now }, /expired/],
    ['a token without an end', { ...good, exp: undefined }, /well-formed/],
    ['an end in a string', { ...good, exp: String(now + 300) }, /well-formed/],
    ['nbf 31 seconds ahead', { ...good, nbf: now + 31 }, /not valid yet/],
    ['nbf in a string', { ...good, nbf: '0' }, /not valid yet/],
    ['a sub that is a number', { ...good, sub: 7 }, /well-formed/],
    ['scopes that are numbers', { ...good, scope: undefined, scp: [1] }, /well-formed/],
  ])('%s', (_, payload, detail) => {
    const checked = check(payload);
    expect(checked).toEqual({ ok: false, error: { reason: 'invalid_token', detail: expect.stringMatching(detail) } });
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['one part', 'abc'],
    ['two parts', tokenOf(good).split('.').slice(0, 2).join('.')],
    ['four parts', `${tokenOf(good)}.x`],
    ['five parts (JWE)', `${tokenOf(good)}.x.y`],
    ['a payload that is no JSON', `e30.${encode('{')}.x`],
    ['a payload that is a list', `e30.${encode('[]')}.x`],
    ['a payload that is null', `e30.${encode('null')}.x`],
    ['a payload that is no UTF-8', `e30.${encode(Uint8Array.from([0x22, 0xff, 0x22]))}.x`],
    ['plain base64', tokenOf({ ...good, sub: '???>>>' }).replaceAll('_', '/')],
    ['an empty payload', 'e30..x'],
    ['a token of 20,000 characters', tokenOf({ ...good, filler: 'x'.repeat(20_000) })],
    ['claims inherited from __proto__', `e30.${encode(`{"__proto__":${JSON.stringify(good)}}`)}.x`],
  ])('%s', (_, token) => {
    expect(checkToken(token, oauthOptions, now)).toEqual({
      ok: false,
      error: { reason: 'invalid_token', detail: 'The bearer token is not a well-formed JWT.' },
    });
  });

  it('every token where no issuer is configured', () => {
    expect(check(good, { ...oauthOptions, issuers: [] }).ok).toBe(false);
  });

  it('without repeating anything of the token', () => {
    const checked = check({ ...good, iss: 'https://secret-issuer', sub: 'secret-sub', aud: 'secret-aud' });
    expect(JSON.stringify(checked)).not.toContain('secret');
  });
});
