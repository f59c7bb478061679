import type { Message, OperationCall } from '../call.ts';
import { checkHeaders } from '../http/ambiguous-headers.ts';
import type { ReadingProblem } from '../http/reading-problem.ts';
import { quoted, unreadable } from '../http/reading-problem.ts';
import { traceParentHeader } from '../http/trace-parent.ts';
import type { HttpRequest } from '../http-request.ts';
import type { Refusal } from '../refusal.ts';
import type { Result } from '../result.ts';
import { failure, success } from '../result.ts';
import type { OperationTemplate, ReaderLimits } from '../server-config.ts';
import type { TemplateNode } from './operation-tree.ts';
import { addOperation, createNode, findOperations, isSharedMatch } from './operation-tree.ts';
import { readPathSegments } from './path-segments.ts';
import { readBody } from './read-body.ts';
import { readQuery } from './read-query.ts';

/** Compiled once per configuration; matching costs one step per path segment, however many operations there are. */
export interface OperationMatcher {
  readonly root: TemplateNode;
}

export interface ReadOperationOptions {
  readonly matcher: OperationMatcher;
  readonly limits: ReaderLimits;
  /** What Kong's route puts before the paths of the API, e.g. `/payments-api`. */
  readonly pathPrefix?: string;
}

export const compileOperations = (operations: readonly OperationTemplate[]): OperationMatcher => {
  const root = createNode();
  for (const operation of operations) addOperation(root, operation);
  return { root };
};

/** Reads one request to a governed REST API: which operation it is, and the arguments that rules and records see. */
export const readOperation = (request: HttpRequest, options: ReadOperationOptions): Result<Message, Refusal> => {
  const call = readOperationCall(request, options);
  if (!call.ok) {
    return failure({ subject: `${request.method} ${request.path.slice(0, 256)}`, ...call.error, era: 'rest' });
  }
  const traceparent = traceParentHeader(request);
  return success({
    call: call.value,
    era: 'rest',
    isResumed: false,
    ...(traceparent === undefined ? {} : { traceparent }),
    headersToStrip: [],
  });
};

const readOperationCall = (
  request: HttpRequest,
  options: ReadOperationOptions,
): Result<OperationCall, ReadingProblem> => {
  const headers = checkHeaders(request, { isDecisive: () => false });
  if (!headers.ok) return headers;
  const match = matchOperation(request, options);
  if (!match.ok) return match;
  const query = readQuery(request.query);
  if (!query.ok) return query;
  const body = readBody(request, options.limits);
  if (!body.ok) return body;
  const { operation, path } = match.value;
  return success({
    kind: 'operation',
    method: request.method,
    name: operation.name,
    template: operation.template,
    arguments: { path, query: query.value, ...(body.value === undefined ? {} : { body: body.value }) },
  });
};

interface OperationMatch {
  readonly operation: OperationTemplate;
  readonly path: Readonly<Record<string, string>>;
}

const matchOperation = (
  request: HttpRequest,
  { matcher, pathPrefix }: ReadOperationOptions,
): Result<OperationMatch, ReadingProblem> => {
  const path = withoutPrefix(request.path, pathPrefix);
  if (path === undefined) return unknownOperation(request);
  const segments = readPathSegments(path);
  if (segments === undefined) {
    return unreadable(
      'invalid_name',
      'The path is one that servers read in different ways: send it in its plainest form.',
    );
  }
  const match = findOperations(matcher.root, segments);
  const compiled = match === undefined ? undefined : forMethod(match.operations, request.method);
  if (match === undefined || compiled === undefined) return unknownOperation(request);
  if (!isSharedMatch(matcher.root, segments, match)) {
    return unreadable('invalid_name', 'The path differs from that of another operation only in case or encoding.');
  }
  return success({
    operation: compiled.operation,
    path: Object.fromEntries(compiled.parameterNames.map((name, index) => [name, match.values[index] ?? ''])),
  });
};

/** A literal path owns its methods: `DELETE /users/me` is not `DELETE /users/{id}`. Servers answer HEAD by their GET. */
const forMethod = (operations: TemplateNode['operations'], method: string) =>
  operations.get(method) ?? (method === 'HEAD' ? operations.get('GET') : undefined);

const withoutPrefix = (path: string, prefix = ''): string | undefined => {
  const bare = prefix.replace(/\/+$/, '');
  if (bare !== '' && path === bare) return '/';
  return path.startsWith(`${bare}/`) ? path.slice(bare.length) : undefined;
};

const unknownOperation = (request: HttpRequest) =>
  unreadable('unknown_operation', `No operation ${request.method} ${quoted(request.path)} is known here.`);
