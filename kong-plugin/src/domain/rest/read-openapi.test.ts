import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../json/json-value.ts';
import { readOpenapiOperations } from './read-openapi.ts';

const document = (paths: JsonValue, openapi: JsonValue = '3.1.0'): JsonValue => ({ openapi, info: {}, paths });

const problemsOf = (value: JsonValue): readonly string[] => {
  const result = readOpenapiOperations(value);
  return result.ok ? [] : result.error;
};

describe('readOpenapiOperations', () => {
  it('reads every operation, by operationId or else by method and path', () => {
    const paths = {
      '/payments': { summary: 'x', parameters: [], get: { operationId: 'listPayments' }, post: {} },
      '/payments/{id}': { delete: { operationId: 'deletePayment' }, 'x-note': 1 },
      '/': { head: {}, options: {}, put: {}, patch: {}, trace: {} },
      'x-extension': { get: {} },
    };
    expect(readOpenapiOperations(document(paths))).toEqual({
      ok: true,
      value: [
        { name: 'listPayments', method: 'GET', template: '/payments' },
        { name: 'POST /payments', method: 'POST', template: '/payments' },
        { name: 'deletePayment', method: 'DELETE', template: '/payments/{id}' },
        { name: 'PUT /', method: 'PUT', template: '/' },
        { name: 'OPTIONS /', method: 'OPTIONS', template: '/' },
        { name: 'HEAD /', method: 'HEAD', template: '/' },
        { name: 'PATCH /', method: 'PATCH', template: '/' },
        { name: 'TRACE /', method: 'TRACE', template: '/' },
      ],
    });
  });

  it('lists every problem with its place', () => {
    const paths = {
      'no-slash': { get: {} },
      '/a//b': {},
      '/files/{name}.json': {},
      '/a/../b': {},
      '/a b': {},
      '/{x}/{x}': {},
      '/reference': { $ref: '#/components/pathItems/a' },
      '/list': [],
      '/bad': { get: 'x', put: { operationId: 5 }, post: { operationId: '' }, patch: { operationId: 'a\nb' } },
    };
    expect(problemsOf(document(paths, '2.0'))).toEqual([
      'openapi: must be a 3.x version',
      'paths["no-slash"]: must start with "/"',
      'paths["/a//b"]: must not contain "//"',
      'paths["/files/{name}.json"]: the segment "{name}.json" must be plain text or one {parameter} that fills it',
      'paths["/a/../b"]: the segment ".." must be plain text or one {parameter} that fills it',
      'paths["/a b"]: the segment "a b" must be plain text or one {parameter} that fills it',
      'paths["/{x}/{x}"]: a {parameter} occurs twice',
      'paths["/reference"]: $ref is not supported here: write the path item in place',
      'paths["/list"]: must be an object',
      'paths["/bad"].get: must be an object',
      'paths["/bad"].put.operationId: must be 1 to 256 characters',
      'paths["/bad"].post.operationId: must be 1 to 256 characters',
      'paths["/bad"].patch.operationId: must be 1 to 256 characters',
    ]);
  });

  it('refuses two operations of one name, and two paths that differ only in the name of a parameter', () => {
    expect(problemsOf(document({ '/a': { get: { operationId: 'x' } }, '/b': { get: { operationId: 'x' } } }))).toEqual([
      'paths["/b"].get: paths["/a"].get already has the name "x"',
    ]);
    expect(problemsOf(document({ '/a/{x}': { get: {} }, '/a/{y}': { get: {}, put: {} } }))).toEqual([
      'paths["/a/{y}"].get: paths["/a/{x}"].get already has the same path',
    ]);
  });

  it.each([[null], [[]], ['3.0'], [{}], [{ openapi: '3.0.0' }], [{ openapi: 3, paths: {} }]])(
    'refuses %j without throwing',
    (value) => {
      expect(problemsOf(value).length).toBeGreaterThan(0);
    },
  );

  it('refuses 10,001 operations', () => {
    const paths = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`/p${index}`, { get: {} }]));
    expect(problemsOf(document(paths))).toEqual(['paths: more than 10000 operations']);
  });
});
