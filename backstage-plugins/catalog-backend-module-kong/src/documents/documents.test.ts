import type { KongService } from '../kong/KongService';
import { documentOfOperations } from './documentOfOperations';
import { readDocument } from './readDocument';
import { throughGateway } from './throughGateway';

const openapi = `
openapi: 3.0.3
info: { title: Payments, version: '1', description: Takes payments. }
servers: [{ url: http://payments.internal }]
components:
  securitySchemes:
    own: { type: http, scheme: basic }
paths:
  /payments:
    parameters: []
    get: { operationId: listPayments, responses: {} }
    post: { responses: {} }
  x-internal: { get: {} }
`;

describe('an OpenAPI document', () => {
  it('is read from YAML, with the names that rules and invoices have', () => {
    const read = readDocument(openapi);
    expect(read).toMatchObject({
      ok: true,
      value: {
        title: 'Payments',
        description: 'Takes payments.',
        operationNames: ['listPayments', 'POST /payments'],
      },
    });
  });

  it('is read from JSON', () => {
    expect(readDocument('{"openapi":"3.1.0","paths":{"/a":{"get":{}}}}')).toMatchObject({
      ok: true,
      value: { operationNames: ['GET /a'] },
    });
  });

  it.each([
    ['<html>', 'is not a JSON or YAML object'],
    ['{"openapi":', 'is not a JSON or YAML object'],
    ['a: &a [x]\nb: [*a, *a', 'is not a JSON or YAML object'],
    ['{"swagger":"1.2"}', 'is not an OpenAPI 3 or Swagger 2 document'],
  ])('is refused with a sentence: %s', (text, error) => {
    expect(readDocument(text)).toEqual({ ok: false, error });
  });

  it('is not blown up by aliases of aliases', () => {
    const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]'];
    for (let level = 1; level < 9; level++)
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(',')}]`,
      );
    expect(readDocument(lines.join('\n'))).toEqual({ ok: false, error: 'is not a JSON or YAML object' });
  });

  it('leads through the gateway only, with the key that Kong wants', () => {
    const read = readDocument(openapi);
    if (!read.ok) throw new Error(read.error);
    const shown = throughGateway(read.value.document, { urls: ['https://gw/commerce'], keyHeader: 'apikey' });
    expect(shown).toMatchObject({
      servers: [{ url: 'https://gw/commerce' }],
      security: [{ gatewayKey: [] }],
      components: {
        securitySchemes: { own: { type: 'http' }, gatewayKey: { type: 'apiKey', in: 'header', name: 'apikey' } },
      },
    });
    expect(JSON.stringify(shown)).not.toContain('payments.internal');
  });

  it('of Swagger 2 leads through the gateway too', () => {
    const document = { swagger: '2.0', host: 'payments.internal', basePath: '/v1', schemes: ['http'], paths: {} };
    expect(throughGateway(document, { urls: ['https://gw:8443/commerce'], keyHeader: 'apikey' })).toEqual({
      swagger: '2.0',
      host: 'gw:8443',
      basePath: '/commerce',
      schemes: ['https'],
      paths: {},
      securityDefinitions: { gatewayKey: { type: 'apiKey', in: 'header', name: 'apikey' } },
      security: [{ gatewayKey: [] }],
    });
  });

  it('follows from the operations that the gateway governs', () => {
    const service: KongService = {
      id: 's',
      name: 'commerce-api',
      upstreamUrl: 'http://commerce',
      tags: [],
      routes: [],
      keyHeader: undefined,
      governance: {
        server: 'commerce',
        kind: 'rest',
        rest: {
          openapi: undefined,
          pathPrefix: undefined,
          operations: [
            { name: 'getPayment', method: 'GET', path: '/payments/{id}' },
            { name: undefined, method: 'DELETE', path: '/payments/{id}' },
          ],
        },
      },
    };
    const { document, operationNames } = documentOfOperations(service);
    expect(operationNames).toEqual(['getPayment', 'DELETE /payments/{id}']);
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'commerce-api' },
      paths: { '/payments/{id}': { get: { parameters: [{ name: 'id', in: 'path', required: true }] } } },
    });
  });
});
