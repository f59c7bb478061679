import { z } from 'zod';
import type { Route } from '../routes/route';

type Json = Readonly<Record<string, unknown>>;

/** OpenAPI 3.1 from the table that drives the router, so that the two cannot disagree. Addresses are below /api/tool-catalog. */
export const buildOpenApi = (routes: readonly Route[]): Json => {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tool catalog',
      version: '1.0.0',
      description: 'Subscriptions, keys, tries, usage and audit of MCP tools and REST APIs behind Kong.',
    },
    servers: [{ url: '/api/tool-catalog' }],
    paths,
    components: {
      securitySchemes: {
        backstage: { type: 'http', scheme: 'bearer', description: 'A Backstage user token' },
        gateway: { type: 'http', scheme: 'bearer', description: 'toolCatalog.policy.token' },
      },
      schemas: {
        Error: {
          type: 'object',
          properties: {
            error: { type: 'object', properties: { name: { type: 'string' }, message: { type: 'string' } } },
          },
        },
      },
    },
  };
};

const operation = (route: Route): Json => {
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)];
  return {
    operationId: route.operationId,
    summary: route.summary,
    security: [{ [route.isForMachines ? 'gateway' : 'backstage']: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body) } } } }),
    responses: {
      [String(route.status ?? 200)]: {
        description: 'Done',
        content: { [route.produces ?? 'application/json']: {} },
      },
      default: {
        description: 'Refused; `error.message` names the field and the fix',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
};

const pathParameters = ({ path }: Route): readonly Json[] =>
  [...path.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

const queryParameters = ({ query }: Route): readonly Json[] => {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query) as {
    readonly properties?: Json;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
};

const headerParameters = ({ needsSecondFactor }: Route): readonly Json[] =>
  needsSecondFactor
    ? [
        {
          name: 'x-second-factor',
          in: 'header',
          required: true,
          description: 'A fresh six-digit code, or a recovery code',
          schema: { type: 'string' },
        },
      ]
    : [];

/** OpenAPI 3.1 is JSON Schema 2020-12, so the `$schema` line says nothing new. */
const schemaOf = (schema: z.ZodType): Json => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
};
