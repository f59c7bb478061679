import type { Hook } from '@hono/zod-openapi';
import type { ApiEnv } from './api-env.ts';
import { problem, type FieldProblem } from './problem.ts';

const PLACES: Readonly<Record<string, string>> = { query: 'query', param: 'path', json: 'body', header: 'header' };

/** Every wrong field of a request at once, with what to send instead. */
export const validationHook: Hook<unknown, ApiEnv, string, unknown> = (result, context) => {
  if (result.success) return undefined;
  const errors = result.error.issues.map(({ path, message }) =>
    toFieldProblem([PLACES[result.target] ?? result.target, ...path.map(String)].join('.'), message),
  );
  const [first] = errors;
  const detail = first === undefined ? 'The request is not valid.' : `${first.field}: ${first.problem}. ${first.fix}`;
  return problem(context, 'bad_request', detail.trim(), { errors });
};

/** Messages of our schemas are two sentences: what is wrong, and what to send. */
const toFieldProblem = (field: string, message: string): FieldProblem => {
  const [wrong = message, ...fix] = message.split('. ');
  return {
    field,
    problem: wrong.replace(/\.$/, ''),
    fix: fix.length === 0 ? 'See /openapi.json for what it may hold.' : fix.join('. '),
  };
};
