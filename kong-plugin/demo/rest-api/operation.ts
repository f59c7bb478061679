import { z } from 'zod';
import type { RestStore } from './rest-store.ts';

export interface Reply {
  readonly status: number;
  /** Absent for 204. */
  readonly body?: unknown;
}

/** One row of the table that drives both the router and the OpenAPI document. */
export interface Operation {
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Template such as `/payments/{id}`; all path parameters are strings. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  readonly success: SuccessReply;
  /** Statuses besides 400 that the handler answers. */
  readonly failures: readonly number[];
  run(store: RestStore, input: OperationInput): Reply;
}

export interface SuccessReply {
  readonly status: 200 | 201 | 204;
  readonly schema?: z.ZodType;
}

export interface OperationInput {
  readonly id: string;
  readonly query: unknown;
  readonly body: unknown;
}

export interface OperationDefinition<Query extends z.ZodObject, Body extends z.ZodType> {
  readonly operationId: string;
  readonly method: Operation['method'];
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly query?: Query;
  readonly body?: Body;
  readonly success: SuccessReply;
  readonly failures?: readonly number[];
  readonly handle: (
    store: RestStore,
    input: { readonly id: string; readonly query: z.output<Query>; readonly body: z.output<Body> },
  ) => Reply;
}

const nothing = z.object({});

/** Validates query and body before the handler runs; what is invalid is answered 400 with every issue. */
export function defineOperation<
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUnknown,
>(definition: OperationDefinition<Query, Body>): Operation {
  const { query = nothing, body, failures = [], handle, ...rest } = definition;
  return {
    ...rest,
    query,
    body,
    failures,
    run: (store, input) => {
      const parsedQuery = query.safeParse(input.query);
      if (!parsedQuery.success) return invalid('query', parsedQuery.error);
      const parsedBody = (body ?? z.unknown()).safeParse(input.body);
      if (!parsedBody.success) return invalid('body', parsedBody.error);
      // Parsed with the very schemas that `Query` and `Body` stand for.
      return handle(store, {
        id: input.id,
        query: parsedQuery.data as z.output<Query>,
        body: parsedBody.data as z.output<Body>,
      });
    },
  };
}

export function failure(status: number, { code, message }: { readonly code: string; readonly message: string }): Reply {
  return { status, body: { error: { code, message } } };
}

export function notFound(what: string, id: string): Reply {
  return failure(404, { code: 'not_found', message: `There is no ${what} ${id}.` });
}

function invalid(where: string, error: z.ZodError): Reply {
  const issues = error.issues.map(({ path, message }) => ({ path: [where, ...path].join('.'), message }));
  return { status: 400, body: { error: { code: 'invalid_request', message: `The ${where} is not valid.`, issues } } };
}
