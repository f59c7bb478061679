import type { JsonValue } from '../json/json-value.ts';

/**
 * What OPA is asked: `POST /v1/data/<path>` with `{ "input": OpaInput }`, or the same input to a WASM bundle. The names are
 * the contract with Rego authors; adding a field is not a breaking change.
 */
export interface OpaInput {
  readonly caller: {
    readonly tenant?: string;
    readonly application?: string;
    readonly user?: string;
    readonly consumer?: string;
    readonly groups: readonly string[];
    readonly tags: readonly string[];
    readonly scopes: readonly string[];
    readonly anonymous: boolean;
  };
  readonly plan?: string;
  readonly server: string;
  readonly call: {
    readonly kind: string;
    readonly method: string;
    /** Tool, prompt or operation name, or the resource's URI. */
    readonly name?: string;
    readonly arguments?: JsonValue;
  };
  /** What is left of each limit that concerns the call, by rule id. */
  readonly limits: Readonly<Record<string, number>>;
  /** RFC 3339, UTC. */
  readonly time: string;
}

/** What OPA answers: `{ "allow": boolean, "reason"?: string, "obligations"?: { "redact"?: [json paths] } }`. Anything else denies. */
export interface OpaResult {
  readonly allow: boolean;
  /** Shown to the caller when it denies. */
  readonly reason?: string;
  readonly obligations: { readonly redact: readonly string[] };
}
