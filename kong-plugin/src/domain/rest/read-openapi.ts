import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { isJsonObject, ownValue } from '../json/json-value.ts';
import type { Result } from '../result.ts';
import { failure, success } from '../result.ts';
import type { OperationTemplate } from '../server-config.ts';
import { parameterName } from './operation-tree.ts';
import { isPlainSegment } from './path-segments.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Names appear in rules, records and invoices. */
const MAX_NAME_LENGTH = 256;

/** Enough for the largest published descriptions (about 1,000), and small enough to read at once. */
const MAX_OPERATIONS = 10_000;

/**
 * The operations of an OpenAPI 3.x document, or everything that is wrong with it, each problem with its place. `servers` is
 * not read: where the API is mounted is the route's business.
 */
export const readOpenapiOperations = (document: JsonValue): Result<readonly OperationTemplate[], readonly string[]> => {
  if (!isJsonObject(document)) return failure(['$: the document must be an object']);
  const problems: string[] = [];
  const version = ownValue(document, 'openapi');
  if (typeof version !== 'string' || !version.startsWith('3.')) problems.push('openapi: must be a 3.x version');
  const paths = ownValue(document, 'paths');
  if (!isJsonObject(paths)) problems.push('paths: must be an object');
  const operations = isJsonObject(paths) ? readPaths(paths, problems) : [];
  problems.push(...conflicts(operations));
  if (operations.length > MAX_OPERATIONS) problems.push(`paths: more than ${MAX_OPERATIONS} operations`);
  return problems.length === 0 ? success(operations.map(({ operation }) => operation)) : failure(problems);
};

interface Described {
  readonly operation: OperationTemplate;
  /** Where the document describes it. */
  readonly place: string;
}

const readPaths = (paths: JsonObject, problems: string[]): readonly Described[] =>
  Object.entries(paths)
    .filter(([template]) => !template.startsWith('x-'))
    .flatMap(([template, item]) => {
      const place = `paths[${JSON.stringify(template)}]`;
      const problem = templateProblem(template) ?? itemProblem(item);
      if (problem !== undefined) problems.push(`${place}: ${problem}`);
      return problem === undefined && isJsonObject(item) ? readPathItem(item, { template, place, problems }) : [];
    });

const itemProblem = (item: JsonValue): string | undefined => {
  if (!isJsonObject(item)) return 'must be an object';
  return Object.hasOwn(item, '$ref') ? '$ref is not supported here: write the path item in place' : undefined;
};

/** A template that requests can match: see `path-segments.ts` for what a request path may hold. */
const templateProblem = (template: string): string | undefined => {
  if (!template.startsWith('/')) return 'must start with "/"';
  const segments = template.slice(1).split('/');
  if (segments.slice(0, -1).includes('')) return 'must not contain "//"';
  const unreadable = segments.find((segment) => parameterName(segment) === undefined && !isLiteral(segment));
  if (unreadable !== undefined) {
    return `the segment ${JSON.stringify(unreadable)} must be plain text or one {parameter} that fills it`;
  }
  const names = segments.map(parameterName).filter((name) => name !== undefined);
  return new Set(names).size < names.length ? 'a {parameter} occurs twice' : undefined;
};

const isLiteral = (segment: string): boolean => isPlainSegment(segment) && segment !== '.' && segment !== '..';

const readPathItem = (
  item: JsonObject,
  { template, place, problems }: { readonly template: string; readonly place: string; readonly problems: string[] },
): readonly Described[] =>
  methods
    .filter((method) => Object.hasOwn(item, method))
    .flatMap((method) => {
      const operation = ownValue(item, method);
      const operationPlace = `${place}.${method}`;
      if (!isJsonObject(operation)) {
        problems.push(`${operationPlace}: must be an object`);
        return [];
      }
      const upper = method.toUpperCase();
      const name = Object.hasOwn(operation, 'operationId')
        ? ownValue(operation, 'operationId')
        : `${upper} ${template}`;
      if (!isName(name)) {
        problems.push(`${operationPlace}.operationId: must be 1 to ${MAX_NAME_LENGTH} characters`);
        return [];
      }
      return [{ operation: { name, method: upper, template }, place: operationPlace }];
    });

const isName = (name: JsonValue | undefined): name is string =>
  typeof name === 'string' && name.length <= MAX_NAME_LENGTH && /^[^\p{C}]+$/u.test(name);

/** Two operations of one name would share their rules; two of one shape hide one another (OpenAPI: "identical and invalid"). */
const conflicts = (operations: readonly Described[]): readonly string[] => {
  const problems: string[] = [];
  const places = new Map<string, string>();
  for (const { operation, place } of operations) {
    const shape = operation.template.replace(/\{[^{}]+\}/g, '{}');
    for (const [key, what] of [
      [`name ${operation.name}`, `the name ${JSON.stringify(operation.name)}`],
      [`shape ${operation.method} ${shape}`, 'the same path'],
    ] as const) {
      const other = places.get(key);
      if (other === undefined) places.set(key, place);
      else problems.push(`${place}: ${other} already has ${what}`);
    }
  }
  return problems;
};
