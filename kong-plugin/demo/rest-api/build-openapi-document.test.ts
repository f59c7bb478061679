import { describe, expect, it } from 'vitest';
import { buildOpenApiDocument } from './build-openapi-document.ts';
import { operations } from './operations.ts';

// As a client reads it.
const document = JSON.parse(JSON.stringify(buildOpenApiDocument(operations)));

describe('buildOpenApiDocument', () => {
  it('describes the body, the answer and the failures of createPayment', () => {
    const operation = document.paths['/payments']['post'];
    const schema = operation['requestBody'].content['application/json'].schema;
    expect(schema.required).toEqual(['customer', 'amount', 'currency']);
    expect(schema.additionalProperties).toBe(false);
    expect(Object.keys(operation['responses'])).toEqual(['201', '400']);
  });

  it('describes the id in the path as required and the query parameters as optional', () => {
    expect(document.paths['/payments/{id}']['get']['parameters']).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
    ]);
    expect(document.paths['/payments']['get']['parameters']).toEqual([
      {
        name: 'limit',
        in: 'query',
        required: false,
        schema: { default: 20, type: 'integer', minimum: 1, maximum: 100 },
      },
      { name: 'state', in: 'query', required: false, schema: { type: 'string', enum: ['succeeded', 'refunded'] } },
    ]);
  });

  it('has no answer body for a deletion', () => {
    const responses = document.paths['/users/{id}']['delete']['responses'];
    expect(responses['204']).not.toHaveProperty('content');
    expect(responses).toHaveProperty('404');
  });

  it('gives each operation its own operationId', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
