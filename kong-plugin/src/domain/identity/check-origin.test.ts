import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../http-request.ts';
import { checkOrigin } from './check-origin.ts';

interface Headers {
  readonly host?: string | readonly string[];
  readonly origin?: string | readonly string[];
}

const requestOf = (headers: Headers): HttpRequest => ({
  method: 'POST',
  path: '/mcp',
  query: '',
  headers: new Map(
    Object.entries(headers).map(([name, value]: [string, string | readonly string[]]) => [
      name,
      typeof value === 'string' ? [value] : value,
    ]),
  ),
  body: new Uint8Array(),
});

const local = {
  hosts: ['localhost', '127.0.0.1', '[::1]', 'gw.example.com:8443'],
  origins: ['http://localhost:*', 'http://127.0.0.1:*', 'http://[::1]:*', 'https://app.example.com'],
};
const reasonOf = (headers: Headers, config = local): string | undefined =>
  checkOrigin(requestOf(headers), config)?.reason;

describe('checkOrigin lets pass', () => {
  it.each<[Headers]>([
    [{ host: 'localhost' }],
    [{ host: 'localhost:8000' }],
    [{ host: 'LOCALHOST:8000' }],
    [{ host: '[::1]:8000' }],
    [{ host: 'gw.example.com:8443' }],
    [{ host: 'localhost:8000', origin: 'http://localhost:8000' }],
    [{ host: 'localhost:8000', origin: 'http://localhost' }],
    [{ host: '127.0.0.1:8000', origin: 'http://127.0.0.1:6274' }],
    [{ host: '[::1]', origin: 'http://[::1]:8000' }],
    [{ host: 'localhost', origin: 'https://app.example.com' }],
    [{ host: 'localhost', origin: 'https://app.example.com:443' }],
    [{ host: 'localhost', origin: 'HTTPS://APP.example.com' }],
  ])('%j', (headers) => {
    expect(reasonOf(headers)).toBeUndefined();
  });
});

describe('checkOrigin refuses', () => {
  it.each<[Headers, string]>([
    // The conformance suite's dns-rebinding-protection.
    [{ host: 'evil.example.com', origin: 'http://evil.example.com' }, 'host_refused'],
    [{ host: 'evil.example.com' }, 'host_refused'],
    [{ host: 'localhost.evil.example.com' }, 'host_refused'],
    [{ host: 'evil.example.com@localhost' }, 'host_refused'],
    [{ host: 'localhost:8000:9000' }, 'host_refused'],
    [{ host: 'localhost:*' }, 'host_refused'],
    [{ host: 'localhost, evil.example.com' }, 'host_refused'],
    [{ host: 'gw.example.com' }, 'host_refused'],
    [{ host: 'gw.example.com:443' }, 'host_refused'],
    [{ host: '' }, 'host_refused'],
    [{}, 'host_refused'],
    [{ host: ['localhost', 'localhost'] }, 'host_refused'],
    [{ host: 'localhost', origin: 'http://evil.example.com' }, 'origin_refused'],
    [{ host: 'localhost', origin: 'https://localhost:8000' }, 'origin_refused'],
    [{ host: 'localhost', origin: 'http://app.example.com' }, 'origin_refused'],
    [{ host: 'localhost', origin: 'https://app.example.com:8443' }, 'origin_refused'],
    [{ host: 'localhost', origin: 'https://app.example.com.evil.com' }, 'origin_refused'],
    [{ host: 'localhost', origin: 'https://xapp.example.com' }, 'origin_refused'],
    [{ host: 'localhost', origin: 'https://app.example.com/' }, 'origin_refused'],
    [{ host: 'localhost', origin: 'http://localhost:*' }, 'origin_refused'],
    [{ host: 'localhost', origin: 'http://a@localhost' }, 'origin_refused'],
    [{ host: 'localhost', origin: 'http://localhost http://localhost' }, 'origin_refused'],
    [{ host: 'localhost', origin: 'null' }, 'origin_refused'],
    [{ host: 'localhost', origin: '' }, 'origin_refused'],
    [{ host: 'localhost', origin: ['http://localhost', 'http://localhost'] }, 'origin_refused'],
    [{ host: 'localhost', origin: ['http://localhost', 'http://evil.example.com'] }, 'origin_refused'],
  ])('%j with %s', (headers, reason) => {
    expect(reasonOf(headers)).toBe(reason);
  });
});

describe('without a list', () => {
  const none = { hosts: [], origins: [] };
  it('any host may be asked, because Kong’s routes decide, but only one', () => {
    expect(reasonOf({ host: 'anything.example.com' }, none)).toBeUndefined();
    expect(reasonOf({}, none)).toBeUndefined();
    expect(reasonOf({ host: ['a', 'b'] }, none)).toBe('host_refused');
  });

  it('no browser may call, not even from the host itself', () => {
    expect(reasonOf({ host: 'evil.example.com', origin: 'http://evil.example.com' }, none)).toBe('origin_refused');
    expect(reasonOf({ host: 'localhost', origin: 'http://localhost' }, none)).toBe('origin_refused');
  });

  it('the entry * lets every single origin in', () => {
    const open = { hosts: [], origins: ['*'] };
    expect(reasonOf({ origin: 'https://anywhere.example' }, open)).toBeUndefined();
    expect(reasonOf({ origin: 'null' }, open)).toBeUndefined();
    expect(reasonOf({ origin: ['https://a.example', 'https://b.example'] }, open)).toBe('origin_refused');
  });
});
