import { describe, expect, it } from 'vitest';
import { buildRequest, type HeaderValues } from '../http/testing/build-request.ts';
import type { OperationTemplate } from '../server-config.ts';
import { compileOperations, readOperation } from './match-operation.ts';

const operation = (method: string, template: string, name = `${method} ${template}`): OperationTemplate => ({
  name,
  method,
  template,
});

const operations = [
  operation('GET', '/payments', 'listPayments'),
  operation('POST', '/payments', 'createPayment'),
  operation('GET', '/payments/{id}', 'getPayment'),
  operation('DELETE', '/payments/{id}', 'deletePayment'),
  operation('GET', '/payments/export', 'exportPayments'),
  operation('GET', '/payments/{id}/refunds/{refund}', 'getRefund'),
  operation('GET', '/payments/export/{format}', 'exportAs'),
  operation('GET', '/users/{id}/{section}', 'getSection'),
  operation('GET', '/users/me/settings', 'getSettings'),
  operation('GET', '/health/', 'health'),
  operation('OPTIONS', '/health/', 'healthOptions'),
  operation('GET', '/', 'root'),
  operation('GET', '/names/{__proto__}', 'odd'),
];

interface Sent {
  readonly query?: string;
  readonly headers?: HeaderValues;
  readonly body?: string | Uint8Array;
  readonly pathPrefix?: string;
}

const matcher = compileOperations(operations);
const limits = { maxBodyBytes: 1000, maxDepth: 8 };

const read = (method: string, path: string, { pathPrefix, ...sent }: Sent = {}) =>
  readOperation(buildRequest(method, { path, ...sent }), {
    matcher,
    limits,
    ...(pathPrefix === undefined ? {} : { pathPrefix }),
  });

const callOf = (method: string, path: string, sent: Sent = {}) => {
  const result = read(method, path, sent);
  return result.ok ? result.value.call : result.error;
};

/** The name of the operation, or the reason why there is none. */
const outcome = (method: string, path: string, sent: Sent = {}): string => {
  const result = read(method, path, sent);
  if (!result.ok) return result.error.reason;
  return result.value.call.kind === 'operation' ? result.value.call.name : result.value.call.kind;
};

describe('which operation a request is', () => {
  it('reads method, name, template and arguments', () => {
    const result = read('GET', '/payments/p%201/refunds/r2', { query: 'a=1&b=2&b=3' });
    expect(result.ok && result.value).toEqual({
      call: {
        kind: 'operation',
        method: 'GET',
        name: 'getRefund',
        template: '/payments/{id}/refunds/{refund}',
        arguments: { path: { id: 'p 1', refund: 'r2' }, query: { a: '1', b: ['2', '3'] } },
      },
      era: 'rest',
      isResumed: false,
      headersToStrip: [],
    });
  });

  it.each([
    ['GET', '/payments', 'listPayments'],
    ['POST', '/payments', 'createPayment'],
    ['GET', '/payments/17', 'getPayment'],
    ['DELETE', '/payments/17', 'deletePayment'],
    ['GET', '/payments/export', 'exportPayments'],
    ['GET', '/payments/export/csv', 'exportAs'],
    ['GET', '/payments/export/refunds/r', 'getRefund'],
    ['GET', '/users/me/settings', 'getSettings'],
    ['GET', '/users/me/orders', 'getSection'],
    ['HEAD', '/payments/17', 'getPayment'],
    ['GET', '/health/', 'health'],
    ['OPTIONS', '/health/', 'healthOptions'],
    ['GET', '/', 'root'],
    ['GET', '/payments/a.b~c-d_e@f:g,h', 'getPayment'],
    ['GET', '/payments/%C3%A9%20%40', 'getPayment'],
    ['GET', '/payments/50%25', 'getPayment'],
    ['GET', '/payments/...', 'getPayment'],
    ['GET', '/payments/constructor', 'getPayment'],
  ])('%s %s is %s', (method, path, name) => {
    expect(outcome(method, path)).toBe(name);
  });

  it.each([
    ['GET', '/payments/'],
    ['GET', '/Payments'],
    ['GET', '/health'],
    ['GET', '/payments/17/'],
    ['GET', '/payments/17/refunds'],
    ['GET', '/payments/17/refunds/'],
    ['GET', '/payments/17/refunds/r/more'],
    ['GET', '/unknown'],
    ['PUT', '/payments'],
    ['OPTIONS', '/payments'],
    ['HEAD', '/users/me'],
    ['get', '/payments'],
    ['DELETE', '/payments/export'],
    ['GET', '/constructor'],
    ['GET', '/__proto__'],
  ])('%s %s is no known operation', (method, path) => {
    expect(outcome(method, path)).toBe('unknown_operation');
  });

  it('keeps a path parameter or query parameter named __proto__ as an own key', () => {
    const call = callOf('GET', '/names/x', { query: '__proto__=y' });
    expect(JSON.stringify('arguments' in call && call.arguments)).toBe(
      '{"path":{"__proto__":"x"},"query":{"__proto__":"y"}}',
    );
  });

  it('lets the first of two equal operations stand', () => {
    const twice = compileOperations([operation('GET', '/a/{x}', 'first'), operation('GET', '/a/{y}', 'second')]);
    const result = readOperation(buildRequest('GET', { path: '/a/1' }), { matcher: twice, limits });
    expect(result.ok && result.value.call).toMatchObject({ name: 'first', arguments: { path: { x: '1' } } });
  });
});

describe('paths that servers read in different ways', () => {
  it.each([
    '/payments//export',
    '//payments',
    '/payments/./export',
    '/payments/../users/me/settings',
    '/payments/..',
    '/payments/.',
    '/payments/%2e%2e/users',
    '/payments/%2E',
    '/payments/.%2e',
    '/payments/a%2Eb',
    '/payments/a%2fb',
    '/payments/a%5Cb',
    '/payments/a\\b',
    '/payments/a%00',
    '/payments/a\u0000',
    '/payments/a%0a',
    '/payments/a%',
    '/payments/a%2',
    '/payments/a%zz',
    '/payments/%ff',
    '/payments/%c0%af',
    '/payments/%252e%252e',
    '/payments/a;v=1',
    '/payments/a%3Bv',
    '/payments/a b',
    '/payments/é',
    '/payments/a#b',
    '/payments/a?b',
    '/payments/<a>',
    'payments',
    'http://other/payments',
    '',
    `/${'a/'.repeat(64)}b`,
  ])('%s is refused', (path) => {
    expect(outcome('GET', path)).toMatch(/^(invalid_name|unknown_operation)$/);
    if (path.startsWith('/')) expect(outcome('GET', path)).toBe('invalid_name');
  });

  it.each([
    ['another case', '/payments/EXPORT'],
    ['another case behind a matching literal', '/users/me/Settings'],
    ['another case before one', '/users/ME/settings'],
    ['a needless escape', '/payments/%65xport'],
    ['full-width letters', '/payments/%EF%BD%85xport'],
    ['a zero-width space', '/payments/ex%E2%80%8Bport'],
    ['a trailing blank', '/payments/export%20'],
  ])('a literal in %s is not taken for a parameter', (_title, path) => {
    expect(outcome('GET', path)).toBe('invalid_name');
  });

  it('a literal in another case is refused for methods that only the template has, too', () => {
    expect(outcome('DELETE', '/payments/Export')).toBe('invalid_name');
  });

  it.each([
    'x-http-method-override',
    'x-http-method',
    'x-method-override',
    'x-original-url',
    'x-rewrite-url',
    'x_http_method_override',
    'content_type',
    'content_length',
  ])('the header %s is refused', (name) => {
    expect(outcome('GET', '/payments', { headers: { [name]: 'DELETE' } })).toBe('ambiguous_header');
  });

  it('a repeated Content-Type is refused, a repeated Accept is not', () => {
    expect(outcome('GET', '/payments', { headers: { 'content-type': ['a/b', 'c/d'] } })).toBe('ambiguous_header');
    expect(outcome('GET', '/payments', { headers: { accept: ['a/b', 'c/d'] } })).toBe('listPayments');
  });

  it('the refusal names method and path and belongs to no JSON-RPC era', () => {
    const result = read('GET', '/nothing');
    expect(!result.ok && result.error).toMatchObject({ era: 'rest', subject: 'GET /nothing' });
    expect(!result.ok && 'id' in result.error).toBe(false);
  });
});

describe('a path prefix', () => {
  it.each([
    ['/api', '/api/payments', 'listPayments'],
    ['/api/', '/api/payments', 'listPayments'],
    ['/api/v1', '/api/v1/payments/7', 'getPayment'],
    ['', '/payments', 'listPayments'],
    ['/', '/payments', 'listPayments'],
    ['/api', '/api', 'root'],
    ['/api', '/api/', 'root'],
    ['/api', '/payments', 'unknown_operation'],
    ['/api', '/apipayments', 'unknown_operation'],
    ['/api', '/API/payments', 'unknown_operation'],
    ['/api', '/%61pi/payments', 'unknown_operation'],
    ['/api', '/api/api/payments', 'unknown_operation'],
    ['/api', '/api//payments', 'invalid_name'],
  ])('%s before %s gives %s', (pathPrefix, path, expected) => {
    expect(outcome('GET', path, { pathPrefix })).toBe(expected);
  });
});

describe('query', () => {
  const queryOf = (query: string) => {
    const call = callOf('GET', '/payments', { query });
    return 'arguments' in call ? call.arguments.query : call;
  };

  it.each([
    ['', {}],
    ['a', { a: '' }],
    ['a=', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=x+y%20z', { a: 'x y z' }],
    ['%61=1&a=2', { a: ['1', '2'] }],
    ['&&a=1&', { a: '1' }],
    ['a[]=1', { 'a[]': '1' }],
    ['=1', { '': '1' }],
  ])('%j gives %j', (query, expected) => {
    expect(queryOf(query)).toEqual(expected);
  });

  it.each(['a=%', 'a=%zz', '%ff=1', 'a=%c0%af', '_method=DELETE', '%5Fmethod=DELETE'])('%s is refused', (query) => {
    expect(outcome('GET', '/payments', { query })).toBe('invalid_parameters');
  });

  it('1,000 parameters are read and 1,001 refused', () => {
    expect(outcome('GET', '/payments', { query: 'a&'.repeat(999) + 'a' })).toBe('listPayments');
    expect(outcome('GET', '/payments', { query: 'a&'.repeat(1000) + 'a' })).toBe('invalid_parameters');
  });
});

describe('body', () => {
  const json = { 'content-type': 'application/json' };
  const bodyOf = (body: string | Uint8Array, headers: HeaderValues = json) => {
    const call = callOf('POST', '/payments', { body, headers });
    return 'arguments' in call ? call.arguments : call;
  };

  it.each([
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/json; odata=verbose',
    'application/merge-patch+json',
    'text/json',
  ])('of type %s is read', (type) => {
    expect(bodyOf('{"amount":{"Amount":1}}', { 'content-type': type })).toEqual({
      path: {},
      query: {},
      body: { amount: { Amount: 1 } },
    });
  });

  it.each([
    ['text/plain', '{"a":1}'],
    ['application/x-www-form-urlencoded', 'a=1'],
    ['application/jsonx', '{'],
    ['', '{'],
  ])('of type %j passes unread', (type, body) => {
    expect(bodyOf(body, { 'content-type': type })).toEqual({ path: {}, query: {} });
  });

  it('passes unread without a type, and with JSON announced but none sent', () => {
    expect(bodyOf('{', {})).toEqual({ path: {}, query: {} });
    expect(bodyOf('')).toEqual({ path: {}, query: {} });
  });

  it.each([
    ['{', 'invalid_json'],
    ['{"a":1,"a":2}', 'duplicate_key'],
    ['[[[[[[[[[0]]]]]]]]]', 'too_deep'],
    ['\ufeff{}', 'invalid_encoding'],
    [`"${'x'.repeat(999)}"`, 'too_large'],
  ])('%s is refused: %s', (body, reason) => {
    expect(bodyOf(body)).toMatchObject({ reason, era: 'rest' });
  });

  it('is limited in size whatever its type', () => {
    expect(bodyOf('x'.repeat(1000), { 'content-type': 'text/plain' })).toEqual({ path: {}, query: {} });
    expect(bodyOf('x'.repeat(1001), { 'content-type': 'text/plain' })).toMatchObject({ reason: 'too_large' });
  });

  it('of type JSON is refused when encoded or in another charset', () => {
    expect(bodyOf('{}', { ...json, 'content-encoding': 'gzip' })).toMatchObject({ reason: 'unsupported_encoding' });
    expect(bodyOf('{}', { 'content-type': 'application/json; charset=utf-16le' })).toMatchObject({
      reason: 'unsupported_media_type',
    });
  });

  it('the trace of the header is kept', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const result = read('GET', '/payments', { headers: { traceparent } });
    expect(result.ok && result.value.traceparent).toBe(traceparent);
  });
});
