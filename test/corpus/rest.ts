import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import {
  rest,
  type BeforeGovernance,
  type Consumer,
  type CorpusCase,
  type CorpusRequest,
  type Expectation,
} from './case.ts';
import { passes, problem } from './expectations.ts';

const row = (
  name: string,
  sent: { readonly as: Consumer; readonly request: CorpusRequest; readonly atGateway?: BeforeGovernance },
  expect: Expectation,
): CorpusCase => ({ name: `REST: ${name}`, to: 'rest', expect, ...sent });

const operation = (tool: string, rule: string, more: Partial<Expectation> = {}): Expectation =>
  passes('operation', rule, { tool, ...more });

const denied = (tool: string): Expectation =>
  problem('operation_denied', { status: 403, rule: 'operation-access:no-rule-allows', tool });

const newPayment = { customer: 'cus-1', amount: 4200, currency: 'EUR', description: 'corpus' };

const rights: readonly CorpusCase[] = [
  row(
    'globex-agent may list products',
    { as: 'globex-agent', request: rest('GET', '/products') },
    operation('listProducts', 'everyone-reads-products'),
  ),
  row(
    'acme-support may read a product',
    { as: 'acme-support', request: rest('GET', '/products/prd-1') },
    operation('getProduct', 'everyone-reads-products', { body: { including: { id: 'prd-1' } } }),
  ),
  row(
    'acme-billing may take a payment',
    { as: 'acme-billing', request: rest('POST', '/payments', { body: newPayment }) },
    operation('createPayment', 'acme-billing-payments', { status: 201 }),
  ),
  row(
    'acme-billing may read a payment that does not exist',
    { as: 'acme-billing', request: rest('GET', '/payments/none') },
    operation('getPayment', 'acme-billing-payments', { status: 404 }),
  ),
  row(
    'globex-agent may not take a payment',
    { as: 'globex-agent', request: rest('POST', '/payments', { body: newPayment }) },
    denied('createPayment'),
  ),
  row(
    'acme-support may not list payments',
    { as: 'acme-support', request: rest('GET', '/payments') },
    denied('listPayments'),
  ),
  row(
    'acme-billing may not refund',
    { as: 'acme-billing', request: rest('POST', '/payments/pay-1/refund', { body: { reason: 'x' } }) },
    denied('refundPayment'),
  ),
  row(
    'nobody may delete a user',
    { as: 'acme-billing', request: rest('DELETE', '/users/cus-1') },
    denied('deleteUser'),
  ),
  row(
    'HEAD is what GET is',
    { as: 'globex-agent', request: rest('HEAD', '/payments') },
    headOf(denied('listPayments')),
  ),
  row(
    'a method that no operation has is unknown',
    { as: 'acme-billing', request: rest('PATCH', '/payments/pay-1', { body: {} }) },
    problem('unknown_operation', { status: 404 }),
  ),
  row(
    'OPTIONS is unknown',
    { as: 'acme-billing', request: rest('OPTIONS', '/payments') },
    problem('unknown_operation', { status: 404 }),
  ),
  row(
    'a path that no operation has is unknown',
    { as: 'acme-billing', request: rest('GET', '/admin') },
    problem('unknown_operation', { status: 404 }),
  ),
  row(
    'the root of the API is unknown',
    { as: 'acme-billing', request: rest('GET', '') },
    problem('unknown_operation', { status: 404 }),
  ),
  row(
    'the OpenAPI document is no operation',
    { as: 'acme-billing', request: rest('GET', '/openapi.json') },
    problem('unknown_operation', { status: 404 }),
  ),
];

function headOf({ body: _body, ...rest }: Expectation): Expectation {
  return rest;
}

const path = (
  name: string,
  target: string,
  reason: 'invalid_name' | 'unknown_operation',
  more: Partial<CorpusCase> = {},
): CorpusCase => ({
  ...row(
    name,
    { as: 'globex-agent', request: rest('GET', target) },
    problem(reason, { status: reason === 'invalid_name' ? 400 : 404 }),
  ),
  ...more,
});

const noRoute: BeforeGovernance = { why: 'routes match with case', status: 404, isRecorded: false };

/** Ways to write `/users/cus-1`, which globex-agent may not read, so that a rule about it is not asked. */
const paths: readonly CorpusCase[] = [
  path('a dot segment', '/products/../users/cus-1', 'invalid_name'),
  path('an escaped dot segment', '/products/%2e%2e/users/cus-1', 'invalid_name'),
  path('a half escaped dot segment', '/products/.%2E/users/cus-1', 'invalid_name'),
  path('a dot segment that escapes twice', '/products/%252e%252e/users/cus-1', 'invalid_name'),
  path('a dot segment behind an escaped slash', '/products/..%2fusers/cus-1', 'invalid_name'),
  path('a dot segment behind an escaped backslash', '/products/..%5cusers/cus-1', 'invalid_name'),
  path('a single dot segment', '/./users/cus-1', 'invalid_name'),
  path('a dot segment over the prefix', '/../commerce/users/cus-1', 'invalid_name'),
  {
    ...path('a dot segment before the prefix', '', 'unknown_operation'),
    request: { method: 'GET', target: '/x/../commerce/users/cus-1', headers: {} },
  },
  path('a double slash', '//users/cus-1', 'invalid_name'),
  path('a double slash in the middle', '/users//cus-1', 'invalid_name'),
  path('a path parameter behind ;', '/users;a=1/cus-1', 'invalid_name'),
  path('an allowed path that hides behind ;', '/users/cus-1;/products', 'invalid_name'),
  path('an escaped ;', '/users%3ba/cus-1', 'invalid_name'),
  path('an escaped slash', '/users%2fcus-1', 'invalid_name'),
  path('an escaped letter', '/%75sers/cus-1', 'unknown_operation'),
  path('another case', '/Users/cus-1', 'unknown_operation'),
  path('a trailing slash', '/users/cus-1/', 'unknown_operation'),
  path('a trailing slash on an allowed operation', '/products/', 'unknown_operation'),
  path('an escape that is none', '/products/%zz', 'invalid_name'),
  path('an escape that is not UTF-8', '/products/%ff', 'invalid_name'),
  path('a prefix that goes on', 'x/users/cus-1', 'unknown_operation'),
  {
    ...path('the prefix in another case', '', 'unknown_operation', { atGateway: noRoute }),
    request: { method: 'GET', target: '/COMMERCE/users/cus-1', headers: {} },
  },
  path('a segment of a prototype', '/__proto__', 'unknown_operation'),
];

const override = (name: string, header: string): CorpusCase =>
  row(
    name,
    { as: 'globex-agent', request: rest('GET', '/products', { headers: { [header]: 'DELETE' } }) },
    problem('ambiguous_header', { status: 400 }),
  );

const overrides: readonly CorpusCase[] = [
  override('X-HTTP-Method-Override', 'x-http-method-override'),
  override('X-HTTP-Method', 'x-http-method'),
  override('X-Method-Override', 'x-method-override'),
  override('x_http_method_override', 'x_http_method_override'),
  override('X-Original-URL', 'x-original-url'),
  override('X-Rewrite-URL', 'x-rewrite-url'),
  row(
    '_method in the query',
    { as: 'globex-agent', request: rest('GET', '/products?_method=DELETE') },
    problem('invalid_parameters', { status: 400 }),
  ),
  row(
    'an escaped _method in the query',
    { as: 'globex-agent', request: rest('GET', '/products?%5fmethod=DELETE') },
    problem('invalid_parameters', { status: 400 }),
  ),
  row(
    'a method in lower case',
    {
      as: 'globex-agent',
      request: rest('get', '/products'),
      atGateway: { why: 'the HTTP parser refuses the method', status: 400, isRecorded: false },
    },
    problem('unknown_operation', { status: 404 }),
  ),
  row(
    'an escape that is none in the query',
    { as: 'globex-agent', request: rest('GET', '/products?limit=%zz') },
    problem('invalid_parameters', { status: 400 }),
  ),
];

const pay = (name: string, options: Parameters<typeof rest>[2], expect: Expectation): CorpusCase =>
  row(name, { as: 'acme-billing', request: rest('POST', '/payments', options) }, expect);

const text = JSON.stringify(newPayment);

const bodies: readonly CorpusCase[] = [
  pay(
    'a key twice',
    { body: '{"customer":"cus-1","amount":1,"amount":4200,"currency":"EUR"}' },
    problem('duplicate_key', { status: 400 }),
  ),
  pay('JSON that is none', { body: `${text}}` }, problem('invalid_json', { status: 400 })),
  pay(
    'JSON behind a byte order mark',
    { body: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]) },
    problem('invalid_encoding', { status: 400 }),
  ),
  pay(
    'JSON in gzip',
    { body: gzipSync(text), headers: { 'content-encoding': 'gzip' } },
    problem('unsupported_encoding', { status: 415 }),
  ),
  pay(
    'JSON in UTF-16',
    { body: Buffer.from(text, 'utf16le'), headers: { 'content-type': 'application/json; charset=utf-16le' } },
    problem('unsupported_media_type', { status: 415 }),
  ),
  pay(
    'two content types',
    { body: text, headers: { 'content-type': ['application/json', 'text/plain'] } },
    problem('ambiguous_header', { status: 400 }),
  ),
  pay('JSON 65 levels deep', { body: `${'['.repeat(65)}${']'.repeat(65)}` }, problem('too_deep', { status: 400 })),
  pay(
    'a body that is not JSON passes unread, to be refused by the API',
    { body: text, headers: { 'content-type': 'text/plain' } },
    operation('createPayment', 'acme-billing-payments', { status: 415 }),
  ),
];

export const restCases: readonly CorpusCase[] = [...rights, ...paths, ...overrides, ...bodies];
