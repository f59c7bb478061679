import { describe, expect, it } from 'vitest';
import { operations } from './operations.ts';
import { routeRequest } from './route-request.ts';

describe('routeRequest', () => {
  it.each([
    { method: 'GET', path: '/payments', operationId: 'listPayments', id: '' },
    { method: 'POST', path: '/payments', operationId: 'createPayment', id: '' },
    { method: 'GET', path: '/payments/pay-1', operationId: 'getPayment', id: 'pay-1' },
    { method: 'POST', path: '/payments/pay-1/refund', operationId: 'refundPayment', id: 'pay-1' },
    { method: 'GET', path: '/users', operationId: 'listUsers', id: '' },
    { method: 'GET', path: '/users/a%20b', operationId: 'getUser', id: 'a b' },
    { method: 'DELETE', path: '/users/cus-1', operationId: 'deleteUser', id: 'cus-1' },
    { method: 'GET', path: '/products', operationId: 'listProducts', id: '' },
    { method: 'GET', path: '/products/prd-1', operationId: 'getProduct', id: 'prd-1' },
  ])('sends $method $path to $operationId', ({ method, path, operationId, id }) => {
    const route = routeRequest(operations, { method, path });
    expect(route).toMatchObject({ state: 'found', operation: { operationId }, id });
  });

  it('has a test above for each of its 9 operations', () => {
    expect(operations).toHaveLength(9);
  });

  it.each([
    '/',
    '/payments/',
    '/Payments',
    '/payments/pay-1/',
    '/payments/pay-1/refund/x',
    '/users/%E0%A4%A',
    '//users',
  ])('knows no path %s', (path) => {
    expect(routeRequest(operations, { method: 'GET', path })).toEqual({ state: 'unknown_path' });
  });

  it('names the methods that a known path has', () => {
    expect(routeRequest(operations, { method: 'PUT', path: '/users/cus-1' })).toEqual({
      state: 'wrong_method',
      allow: ['GET', 'DELETE'],
    });
  });
});
