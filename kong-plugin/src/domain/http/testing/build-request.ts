import type { HttpRequest } from '../../http-request.ts';

export type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

/** A request for tests. A string body is sent as UTF-8. */
export const buildRequest = (
  method: string,
  options: {
    readonly path?: string;
    readonly query?: string;
    readonly headers?: HeaderValues;
    readonly body?: string | Uint8Array;
  } = {},
): HttpRequest => ({
  method,
  path: options.path ?? '/mcp',
  query: options.query ?? '',
  headers: new Map(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
  ),
  body: typeof options.body === 'string' ? Buffer.from(options.body) : (options.body ?? new Uint8Array()),
});
