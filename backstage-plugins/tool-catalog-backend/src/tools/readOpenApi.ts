import { parse } from 'yaml';
import type { ToolDefinition } from './toolDefinition';

type Json = Readonly<Record<string, unknown>>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** More operations than this are a generated document of something else. */
const MAX_OPERATIONS = 2_000;

/**
 * The operations of an OpenAPI 3.x document (JSON or YAML) as tools, named by `operationId`. Operations without one are not
 * tools: the gateway knows operations by that name. A document that cannot be read has none.
 */
export const readOpenApi = (text: string): readonly ToolDefinition[] => {
  const document = parseText(text);
  const paths = objectOf(document?.paths);
  const components = objectOf(document?.components);
  const shared: Json = Object.keys(components).length === 0 ? {} : { components };
  return Object.entries(paths)
    .flatMap(([path, item]) => operationsOf(path, objectOf(item)))
    .slice(0, MAX_OPERATIONS)
    .map(({ path, method, operation, parameters }) => ({
      tool: textOf(operation.operationId),
      title: textOf(operation.summary),
      description: textOf(operation.description) || textOf(operation.summary),
      inputSchema: { ...argumentsSchema(operation, parameters, document ?? {}), ...shared },
      operation: { method: method.toUpperCase(), path },
    }))
    .filter(({ tool }) => tool !== '');
};

interface Found {
  readonly path: string;
  readonly method: string;
  readonly operation: Json;
  readonly parameters: readonly unknown[];
}

const operationsOf = (path: string, item: Json): readonly Found[] =>
  METHODS.flatMap((method) => {
    const operation = item[method];
    if (typeof operation !== 'object' || operation === null) return [];
    const parameters = [...listOf(item.parameters), ...listOf((operation as Json).parameters)];
    return [{ path, method, operation: operation as Json, parameters }];
  });

const argumentsSchema = (operation: Json, parameters: readonly unknown[], document: Json): Json => {
  const resolved = parameters.map((parameter) => resolve(objectOf(parameter), document));
  const path = parameterSchema(resolved.filter((parameter) => parameter.in === 'path'));
  const query = parameterSchema(resolved.filter((parameter) => parameter.in === 'query'));
  const requestBody = resolve(objectOf(operation.requestBody), document);
  const body = objectOf(objectOf(objectOf(requestBody.content)['application/json']).schema);
  const properties = {
    ...(path === undefined ? {} : { path: { title: 'Path', ...path } }),
    ...(query === undefined ? {} : { query: { title: 'Query', ...query } }),
    ...(Object.keys(body).length === 0 ? {} : { body: { title: 'Body', ...body } }),
  };
  const required = [
    ...(path === undefined ? [] : ['path']),
    ...('body' in properties && requestBody.required === true ? ['body'] : []),
  ];
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false };
};

const parameterSchema = (parameters: readonly Json[]): Json | undefined => {
  if (parameters.length === 0) return undefined;
  const required = parameters.filter((parameter) => parameter.required === true || parameter.in === 'path');
  return {
    type: 'object',
    properties: Object.fromEntries(
      parameters.map((parameter) => [
        textOf(parameter.name),
        {
          ...objectOf(parameter.schema),
          ...(typeof parameter.description === 'string' ? { description: parameter.description } : {}),
        },
      ]),
    ),
    ...(required.length === 0 ? {} : { required: required.map(({ name }) => textOf(name)) }),
    additionalProperties: false,
  };
};

/** A reference within the document; one level, as parameters and request bodies are referred to. */
const resolve = (value: Json, document: Json): Json => {
  const reference = value.$ref;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return value;
  const found = reference
    .slice(2)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((place, step) => objectOf(place)[step], document);
  return objectOf(found);
};

const parseText = (text: string): Json | undefined => {
  try {
    const value: unknown = text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { maxAliasCount: 100 });
    return objectOf(value);
  } catch {
    return undefined;
  }
};

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
