import type { CallerMatch } from '../rule.ts';
import type { JsonValue } from '../json/json-value.ts';
import type { LimitRule } from '../limits/limit-rule.ts';

/**
 * Policy as code: one document (YAML or JSON) for all servers of a gateway. The same schema inline in Kong's
 * configuration, in a watched file, or behind a URL. Everything is optional but `version`: an empty snapshot adds nothing
 * to the rules of the plugin's own configuration.
 */
export interface Snapshot {
  readonly version: 1;
  /** Name of this state of the policy; the SHA-256 of the document when it has none. Records carry it. */
  readonly revision: string;
  readonly tenants: readonly Tenant[];
  readonly applications: readonly Application[];
  readonly servers: readonly SnapshotServer[];
  readonly plans: readonly Plan[];
  readonly subscriptions: readonly Subscription[];
  readonly rules: readonly SnapshotRule[];
  readonly limits: readonly LimitRule[];
  /** Added to what the plugin's configuration redacts. */
  readonly redaction: { readonly keys: readonly string[]; readonly paths: readonly string[] };
}

export interface Tenant {
  readonly id: string;
  /** IANA name; days and months of its limits begin at midnight there. */
  readonly timeZone: string;
}

/** Which consumers are one application. It wins over the application tag of the consumer. */
export interface Application {
  readonly id: string;
  readonly tenant?: string;
  readonly match: CallerMatch;
}

export interface SnapshotServer {
  readonly id: string;
  readonly tools: readonly SnapshotTool[];
  /** What happens to tools that were not approved or have changed (facts/peers.md §2.7). */
  readonly pins: PinMode;
}

/** `observe`: only report. `quarantine_changed`: hide and refuse what changed. `approve_new`: also what nobody approved. */
export type PinMode = 'observe' | 'quarantine_changed' | 'approve_new';

export interface SnapshotTool {
  readonly name: string;
  /** Units that one call costs a limit; 1 when left out. */
  readonly weight: number;
  /** JSON Schema of the arguments, when known: rules about arguments are checked against it at load. */
  readonly inputSchema?: JsonValue;
  /** Approved definition: hex SHA-256 of the canonical definition. */
  readonly pin?: string;
}

export interface Plan {
  readonly id: string;
  /** Tool patterns that the plan includes. */
  readonly tools: readonly string[];
  /** Counted per subscription (application and server) unless they name another scope. */
  readonly limits: readonly LimitRule[];
}

export interface Subscription {
  readonly application: string;
  readonly server: string;
  readonly plan: string;
  /** A part of the plan's tools; all of them when left out. */
  readonly tools?: readonly string[];
  readonly state: 'active' | 'suspended' | 'revoked' | 'expired';
}

/** A rule of the plugin's configuration, with what only a snapshot can say. */
export interface SnapshotRule {
  readonly id: string;
  readonly effect: 'allow' | 'deny';
  /** Server ids; `['*']` for all. */
  readonly servers: readonly string[];
  readonly callers: CallerMatch;
  readonly tools: readonly string[];
  readonly prompts: readonly string[];
  readonly resources: readonly string[];
  /** All must hold. Empty: always. */
  readonly when: readonly Condition[];
  /** `list`: only whether the item shows; `call`: only whether it may be called. */
  readonly phases: readonly ('list' | 'call')[];
  /** Decided and recorded, not enforced. */
  readonly shadow: boolean;
  /** What the caller reads when the rule denies. */
  readonly message?: string;
}

/**
 * About the arguments (`pointer`, RFC 6901, into the call's arguments), the time, or the method. A pointer that finds
 * nothing makes every comparison false, except `exists: false`.
 */
export type Condition =
  | { readonly pointer: string; readonly test: ArgumentTest }
  | {
      readonly time: {
        readonly zone: string;
        readonly days: readonly number[];
        readonly from: string;
        readonly to: string;
      };
    }
  | { readonly methods: readonly string[] };

export type ArgumentTest =
  | { readonly operator: 'equals' | 'not_equals'; readonly value: JsonValue }
  | { readonly operator: 'less' | 'at_most' | 'greater' | 'at_least'; readonly value: number }
  | { readonly operator: 'in' | 'not_in'; readonly value: readonly JsonValue[] }
  /** `*` any run of characters, the rest literal. */
  | { readonly operator: 'like' | 'not_like'; readonly value: string }
  | { readonly operator: 'longer_than' | 'shorter_than'; readonly value: number }
  | { readonly operator: 'exists'; readonly value: boolean };
