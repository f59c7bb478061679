import { z } from 'zod';
import type { Operation } from './operation.ts';

type Json = Readonly<Record<string, unknown>>;

const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
});

const failureTexts: ReadonlyMap<number, string> = new Map([
  [400, 'The request is not valid'],
  [404, 'There is no such thing'],
  [409, 'The state does not allow it'],
]);

/** OpenAPI 3.1 from the table that drives the router, so that the two cannot disagree. */
export function buildOpenApiDocument(operations: readonly Operation[]): Json {
  const paths = new Map<string, Record<string, Json>>();
  for (const operation of operations) {
    const item = paths.get(operation.path) ?? {};
    item[operation.method.toLowerCase()] = describe(operation);
    paths.set(operation.path, item);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Commerce',
      version: '1.0.0',
      description: 'Payments, users and products of a small shop (demo data).',
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(paths),
    components: { schemas: { Error: jsonSchema(errorSchema) } },
  };
}

function describe(operation: Operation): Json {
  const { operationId, summary, tag, body, success, failures } = operation;
  const parameters = [...pathParameters(operation), ...queryParameters(operation)];
  const failed = [400, ...failures].map((status) => [String(status), describeFailure(status)] as const);
  return {
    operationId,
    summary,
    tags: [tag],
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { required: true, content: jsonContent(jsonSchema(body, 'input')) } }),
    responses: { [String(success.status)]: describeSuccess(operation), ...Object.fromEntries(failed) },
  };
}

function describeSuccess({ success, summary }: Operation): Json {
  return { description: summary, ...(success.schema && { content: jsonContent(jsonSchema(success.schema)) }) };
}

function describeFailure(status: number): Json {
  const description = failureTexts.get(status) ?? 'The request failed';
  return { description, content: jsonContent({ $ref: '#/components/schemas/Error' }) };
}

function pathParameters({ path }: Operation): readonly Json[] {
  return path.includes('{id}') ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] : [];
}

/** Every query parameter of this API is optional. */
function queryParameters({ query }: Operation): readonly Json[] {
  const { properties = {} } = jsonSchema(query) as { readonly properties?: Json };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function jsonContent(schema: Json): Json {
  return { 'application/json': { schema } };
}

/** OpenAPI 3.1 is JSON Schema 2020-12, so the `$schema` line says nothing new. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
