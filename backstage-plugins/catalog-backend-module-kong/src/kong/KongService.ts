/** What governs a service, as the plugin mcp-governance is configured in Kong. */
export interface Governance {
  /** Name of the server in rules, records and invoices. */
  readonly server: string | undefined;
  readonly kind: 'mcp' | 'rest' | undefined;
  readonly rest: RestGovernance;
}

export interface RestGovernance {
  /** OpenAPI document as JSON text. */
  readonly openapi: string | undefined;
  readonly operations: readonly RestOperation[];
  /** Part of the gateway's path that operations leave out, e.g. `/commerce`. */
  readonly pathPrefix: string | undefined;
}

export interface RestOperation {
  readonly name: string | undefined;
  readonly method: string;
  readonly path: string;
}

export interface KongRoute {
  readonly id: string;
  readonly name: string | undefined;
  readonly paths: readonly string[];
  readonly hosts: readonly string[];
  readonly stripPath: boolean;
  readonly tags: readonly string[];
}

/** A service of Kong with what hangs on it. */
export interface KongService {
  readonly id: string;
  readonly name: string;
  /** Where Kong sends its calls. */
  readonly upstreamUrl: string;
  readonly tags: readonly string[];
  readonly routes: readonly KongRoute[];
  readonly governance: Governance | undefined;
  /** Header that carries the key, when key-auth guards the service. */
  readonly keyHeader: string | undefined;
}
