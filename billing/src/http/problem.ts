import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';

/** Everything the API refuses, with its one status (RFC 9457). A code without a status does not compile. */
const statuses = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  internal_error: 500,
  unavailable: 503,
} as const;

export type ProblemCode = keyof typeof statuses;

/** One input that is wrong: where it is, what is wrong, and what to send instead. */
export const fieldProblemSchema = z
  .object({
    field: z.string().openapi({ example: 'query.from' }),
    problem: z.string().openapi({ example: 'is not a day' }),
    fix: z.string().openapi({ example: 'Write it as YYYY-MM-DD, for example 2026-11-01.' }),
  })
  .openapi('FieldProblem');

export type FieldProblem = z.infer<typeof fieldProblemSchema>;

export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(fieldProblemSchema).optional(),
  })
  .openapi('Problem');

/** What a route says about its refusals. */
export const problemResponses = {
  default: {
    description: 'Why there is no answer: RFC 9457, with every wrong field and what to send instead.',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
} as const;

interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly FieldProblem[];
}

/** The answer of a route that refuses. */
export const problem = (
  context: Context,
  code: ProblemCode,
  detail: string,
  { headers, errors }: ProblemOptions = {},
) => {
  const status = statuses[code];
  const title = code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ');
  return context.json(
    {
      type: 'about:blank' as const,
      title,
      status,
      detail,
      code,
      ...(errors === undefined ? {} : { errors: [...errors] }),
    },
    status,
    { 'content-type': 'application/problem+json', ...headers },
  );
};
