import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DemoRestApi, startDemoRestApi } from './demo-rest-api.ts';
import { operations } from './operations.ts';

let api: DemoRestApi;
beforeEach(async () => {
  api = await startDemoRestApi({ port: 0 });
});
afterEach(async () => {
  await api.close();
});

interface Call {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

async function call({ method = 'GET', path, body, contentType = 'application/json' }: Call) {
  const response = await fetch(`${api.url}${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': contentType },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  });
  const text = await response.text();
  return {
    status: response.status,
    allow: response.headers.get('allow'),
    json: text === '' ? undefined : JSON.parse(text),
  };
}

const newPayment = { customer: 'cus-1', amount: 4_200, currency: 'EUR' };

describe('the demo REST API', () => {
  it('creates a payment, shows it, lists it first and refunds it once', async () => {
    const created = await call({ method: 'POST', path: '/payments', body: newPayment });
    const payment = { ...newPayment, id: 'pay-3', description: '', state: 'succeeded' };
    expect(created).toMatchObject({ status: 201, json: payment });
    expect((await call({ path: '/payments/pay-3' })).json).toEqual(payment);
    expect((await call({ path: '/payments?limit=1' })).json).toEqual({ data: [payment] });
    const refund = { method: 'POST', path: '/payments/pay-3/refund', body: { reason: 'broken' } };
    expect(await call(refund)).toMatchObject({ status: 200, json: { ...payment, state: 'refunded' } });
    expect(await call(refund)).toMatchObject({ status: 409, json: { error: { code: 'already_refunded' } } });
    expect((await call({ path: '/payments?state=refunded' })).json.data).toHaveLength(1);
  });

  it('deletes a user once; the second time there is none', async () => {
    expect(await call({ method: 'DELETE', path: '/users/cus-2' })).toMatchObject({ status: 204, json: undefined });
    expect((await call({ method: 'DELETE', path: '/users/cus-2' })).status).toBe(404);
    expect((await call({ path: '/users' })).json.data.map((user: { id: string }) => user.id)).toEqual([
      'cus-1',
      'cus-3',
    ]);
    expect(await call({ method: 'POST', path: '/payments', body: { ...newPayment, customer: 'cus-2' } })).toMatchObject(
      {
        status: 400,
        json: { error: { code: 'unknown_user' } },
      },
    );
  });

  it.each<Call & { readonly status: number; readonly code: string }>([
    { method: 'POST', path: '/payments', body: {}, status: 400, code: 'invalid_request' },
    { method: 'POST', path: '/payments', status: 400, code: 'invalid_request' },
    { method: 'POST', path: '/payments', body: { ...newPayment, amount: -1 }, status: 400, code: 'invalid_request' },
    { method: 'POST', path: '/payments', body: { ...newPayment, amount: 1.5 }, status: 400, code: 'invalid_request' },
    { method: 'POST', path: '/payments', body: { ...newPayment, extra: 1 }, status: 400, code: 'invalid_request' },
    { method: 'POST', path: '/payments', body: '{', status: 400, code: 'invalid_json' },
    {
      method: 'POST',
      path: '/payments',
      body: newPayment,
      contentType: 'text/plain',
      status: 415,
      code: 'unsupported_media_type',
    },
    { method: 'POST', path: '/payments', body: `"${'x'.repeat(70_000)}"`, status: 413, code: 'too_large' },
    { path: '/payments?limit=0', status: 400, code: 'invalid_request' },
    { path: '/payments?state=lost', status: 400, code: 'invalid_request' },
    { path: '/payments/pay-0', status: 404, code: 'not_found' },
    { path: '/users/cus-0', status: 404, code: 'not_found' },
    { path: '/products/prd-0', status: 404, code: 'not_found' },
    { method: 'POST', path: '/payments/pay-0/refund', body: { reason: 'x' }, status: 404, code: 'not_found' },
    { path: '/no/such/path', status: 404, code: 'not_found' },
    { method: 'DELETE', path: '/products', status: 405, code: 'method_not_allowed' },
  ])('answers $status $code to $method $path', async ({ status, code, ...request }) => {
    expect(await call(request)).toMatchObject({ status, json: { error: { code } } });
    expect((await call({ path: '/payments' })).json.data).toHaveLength(2);
  });

  it('names what is wrong, field by field, and the methods that are allowed', async () => {
    const { json } = await call({ method: 'POST', path: '/payments', body: { ...newPayment, currency: 'XXX' } });
    expect(json.error.issues).toEqual([{ path: 'body.currency', message: expect.stringContaining('EUR') }]);
    expect((await call({ method: 'PUT', path: '/payments' })).allow).toBe('GET, POST');
  });

  it('records the requests that arrived', async () => {
    await call({ method: 'POST', path: '/payments', body: newPayment });
    expect(api.requests).toMatchObject([{ httpMethod: 'POST', path: '/payments', body: newPayment }]);
  });

  it('describes exactly its 9 operations in OpenAPI 3.1, and answers /health', async () => {
    const { json } = await call({ path: '/openapi.json' });
    const described = Object.entries(json.paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, { operationId: string }>).map(([method, { operationId }]) => ({
        operationId,
        method: method.toUpperCase(),
        path,
      })),
    );
    expect(json.openapi).toBe('3.1.0');
    expect(described).toHaveLength(9);
    expect(described).toEqual(
      expect.arrayContaining(operations.map(({ operationId, method, path }) => ({ operationId, method, path }))),
    );
    expect((await call({ path: '/health' })).json).toEqual({ status: 'ok' });
  });
});
