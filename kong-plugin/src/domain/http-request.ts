/**
 * A request as the gateway received it. Header names are lower-case, as Kong gives them (underscores kept, so that
 * `mcp_name` stays distinguishable from `mcp-name`); a header sent twice has two values.
 */
export interface HttpRequest {
  /** Upper-case HTTP method. */
  readonly method: string;
  /** Path without query, still percent-encoded. */
  readonly path: string;
  /** Raw query without `?`; empty when there is none. */
  readonly query: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Exactly the bytes that the server will receive. */
  readonly body: Uint8Array;
}

/** The only value of a header, undefined when it is missing. A header sent twice gives its values joined with `, `. */
export const headerValue = (request: HttpRequest, name: string): string | undefined =>
  request.headers.get(name)?.join(', ');
