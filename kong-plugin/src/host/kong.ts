/**
 * The part of Kong's PDK that the plugin calls over the plugin server's socket. kong-pdk's own declarations do not know
 * `kong.mcp_guard`, and every call costs a socket round trip (about 80 microseconds), so the list is short on purpose.
 */
export interface Kong {
  readonly mcp_guard: {
    /** `GuardFacts`, or undefined on a node without the guard. */
    facts(options: object): Promise<unknown>;
    /** Lets the request pass with this verdict (JSON without its admission) and ends the phase; the promise never settles. */
    admit(verdict: string, admission: string): Promise<never>;
    /** Ends the request; the promise never settles. */
    refuse(status: number, body: string, headers: Readonly<Record<string, string>>, admission: string): Promise<never>;
    buffered(): Promise<unknown>;
  };
  readonly ctx: {
    readonly shared: {
      get(key: string): Promise<unknown>;
      set(key: string, value: unknown): Promise<void>;
    };
  };
  readonly request: {
    getRawBody(maximumBytes: number): Promise<Uint8Array | undefined>;
    getHeaders(maximum: number): Promise<Readonly<Record<string, readonly string[]>>>;
  };
  readonly log: {
    /** JSON text about the whole request; in the log phase only. It holds the request's headers: take fields out of it. */
    serialize(): Promise<string>;
  };
  readonly client: { getConsumer(): Promise<unknown> };
  readonly nginx: { getVar(name: string): Promise<string | undefined> };
  readonly service: {
    readonly response: {
      getStatus(): Promise<number>;
      getHeader(name: string): Promise<string | undefined>;
      getRawBody(): Promise<Uint8Array | string | undefined>;
    };
    readonly request: {
      clearHeader(name: string): Promise<void>;
      setHeader(name: string, value: string): Promise<void>;
    };
  };
  readonly response: {
    /** `service`, `exit` or `error`. */
    getSource(): Promise<string>;
    /** Ends the request; the promise never settles. */
    exit(status: number, body: string, headers: Readonly<Record<string, string>>): Promise<never>;
  };
}
