import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Viewer } from '../permissions/Access';

export interface RouteContext<Query, Body> {
  readonly viewer: Viewer;
  /** Decoded parts of the path, by name. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Of the header `x-second-factor`. */
  readonly secondFactor?: string;
  readonly request: Request;
  /** For the routes that write their answer themselves. */
  readonly response: Response;
}

/**
 * One route of the API. The table of routes drives the router, the OpenAPI document and the test that tries every route as
 * somebody else.
 */
export interface Route<Query = unknown, Body = unknown> {
  readonly operationId: string;
  readonly method: 'get' | 'post' | 'put';
  /** With `:parameters`. */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** Needs a fresh code of the second factor. */
  readonly needsSecondFactor?: true;
  /** Answer written by the route itself: a stream, a file, a signed document. */
  readonly produces?: string;
  /** No signed-in person: the route knows its callers in another way. */
  readonly isForMachines?: true;
  readonly status?: 200 | 201 | 202;
  /** Undefined where the route has written its answer. */
  handle(context: RouteContext<Query, Body>): Promise<unknown>;
}

/** Keeps the types of query and body together with the handler that uses them. */
export const route = <Query = Record<string, never>, Body = undefined>(definition: Route<Query, Body>): Route =>
  definition as unknown as Route;
