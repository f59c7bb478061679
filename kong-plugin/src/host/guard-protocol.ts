import type { JsonRpcId } from '../domain/call.ts';
import type { CallFacts } from '../domain/records/build-record.ts';

/**
 * What the JS plugin and the Lua guard say to each other. Kong lets a plugin server call any function below `kong`
 * (kong/runloop/plugin_servers/rpc/mp_rpc.lua, `get_field`), so mcp-guard publishes four there:
 *
 * - `kong.mcp_guard.facts(options)`: everything the decision needs, in one socket round trip instead of five.
 * - `kong.mcp_guard.admit(verdict, admission)`: leaves the `Verdict` (`verdict-text.ts`, its admission beside it) and ends the access phase;
 *   never answers.
 * - `kong.mcp_guard.refuse(status, body, headers, admission)`: notes the refusal and exits; never answers.
 * - `kong.mcp_guard.buffered()`: the buffered answer of a list method, in the response phase.
 *
 * The guard in turn calls the plugin server on its socket:
 *
 * - `plugin.Judge`: the facts of a request (`fact-lines.ts`, the body beside it), answered with its `Judgement`. It takes the place of a whole access
 *   phase from the second request on that a worker sees of a configuration: one message to and fro instead of two.
 * - `plugin.Conclude`: the `GuardOutcome`s of requests that have ended; of each the plugin's id, its text (`read-told-outcome.ts`), and the
 *   admission.
 *
 * A node without the guard answers `facts` with nil, and the plugin refuses to govern: it is never half-guarded.
 * Lua's empty table arrives as `[]` whether it was a list or a map.
 *
 * Long texts travel between two copies of the request's id (`framed-text.ts`): LuaJIT tells strings apart by sixteen of their bytes.
 */
export const PROTOCOL_VERSION = 6;

/** Keys in `kong.ctx.shared`. */
export const sharedKeys = {
  /** JS -> post-function: the `Verdict`. */
  verdict: 'mcp_verdict',
  /** JS -> guard: true when the response phase replaced the list. */
  filtered: 'mcp_filtered',
  /** JS to itself where a post-function guards: the refusal, `{ status, admission }`. */
  refusal: 'mcp_refusal',
} as const;

export interface FactsOptions {
  /** A larger body comes back as `body_error: 'too_large'`. */
  readonly max_body_bytes: number;
  /** Ask Kong for the consumer's ACL groups. */
  readonly groups: boolean;
  /** Include the token that Kong's jwt plugin verified. */
  readonly token: boolean;
  /** The plugin server understands `plugin.Judge`; kong-pdk's own does not. */
  readonly judges: true;
}

/**
 * Result of `facts` (snake case because it is made in Lua), with the body beside it: as Base64 of both, or with `plugin.Judge` as bytes. A
 * MessagePack str that Kong's client sends may be no UTF-8, and would be decoded lossily.
 */
export interface GuardFacts {
  readonly v: number;
  /** Is mcp-guard enabled on the route, its service or globally? */
  readonly covered: boolean;
  readonly request_id: string;
  /** Milliseconds since the epoch. */
  readonly started_at: number;
  readonly method: string;
  /** Raw path without query. */
  readonly path: string;
  readonly query?: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** More headers than the guard reads (1,000): refused. */
  readonly headers_truncated?: boolean;
  readonly body_error?: 'too_large' | 'unreadable';
  readonly consumer?: {
    readonly id: string;
    readonly username?: string;
    readonly custom_id?: string;
    readonly tags?: readonly string[];
  };
  /** Id of the credential, never its secret. */
  readonly credential_id?: string;
  /** Read from Kong's own ACL cache, never from the `x-consumer-groups` header. */
  readonly groups?: readonly string[];
  /** The token that Kong's jwt plugin verified. */
  readonly token?: string;
}

/** JS -> guard, the last thing an access phase does when it lets a request pass. */
export interface Verdict {
  readonly v: number;
  /** The consumer that was judged; '' for none. The guard refuses another. */
  readonly consumer: string;
  /** Where the configuration that judged belongs; the guard refuses the verdict of another route or service. */
  readonly scope: 'route' | 'service' | 'consumer' | 'global';
  readonly scope_id: string;
  readonly request_id: string;
  /** Keep buffering: the response phase filters this list. */
  readonly filter: boolean;
  /** JSON-RPC id whose answer the guard looks for; absent when none is owed. */
  readonly id?: JsonRpcId;
  readonly kind: 'mcp' | 'rest';
  readonly clear_headers: readonly string[];
  readonly set_headers?: Readonly<Record<string, string>>;
  /** Added to the server's answer: how much of each limit is left. */
  readonly response_headers?: Readonly<Record<string, string>>;
  /** Replaces the query (credentials removed); absent: unchanged. */
  readonly query?: string;
  /** Key with which the guard signs the `Mcp-Session-Id` of the answer; absent: sessions are left alone. */
  readonly session_key?: string;
  /** Text of a `Carried`, opaque to the guard: it comes back in the `GuardOutcome`. */
  readonly admission: string;
  /** The call holds a place of a concurrency limit until its outcome arrives: the guard delivers that at once. */
  readonly has_lease?: boolean;
}

/**
 * Answer to `plugin.Judge`: how the access phase ends. `text` is that of a `Verdict` without its admission, or a framed `Reply`. `ask`: these facts
 * do not suffice any more (the policy has come to need ACL groups); the guard runs the whole access phase.
 */
export type Judgement =
  | { readonly kind: 'admit' | 'refuse'; readonly text: string; readonly admission: string }
  | { readonly kind: 'exit'; readonly text: string }
  | { readonly kind: 'ask' };

/** Result of `buffered`. */
export interface BufferedAnswer {
  readonly status: number;
  readonly content_type?: string;
  readonly content_encoding?: string;
  /** Base64. */
  readonly body: string;
  readonly admission: string;
}

export const outcomes = [
  'ok',
  'tool_error',
  'rpc_error',
  'input_required',
  'task',
  /** The answer passed but could not be understood: see `why`. */
  'unknown',
  /** No answer is owed (notification, response, GET stream). */
  'none',
  /** The plugin refused: nothing reached the server. */
  'refused',
  /** The guard refused: no verdict, or one that does not fit. */
  'guard_refused',
  /** The server answered the request with a 4xx: it was not executed. */
  'not_executed',
  /** 5xx, timeout or reset. */
  'upstream_error',
] as const;

export type OutcomeKind = (typeof outcomes)[number];

/**
 * guard -> JS, after the end of the request: the facts of the record, and what the access phase knew.
 *
 * `why` is `incomplete`, `no_answer`, `too_large`, `encoded`, `content_type`, `gateway`, `blocked`, `not_governed`,
 * `no_verdict`, `wrong_consumer`, `wrong_scope`, `wrong_request` or `upgrade`; with a post-function `not_scanned` or
 * `post_function`. `code` is the JSON-RPC error code of the answer, `task_id` the handle of a `task` answer. `latency.kong`
 * ends before the server was asked, `upstream` at its first byte, `total` when the last byte went out.
 */
export interface GuardOutcome extends CallFacts {
  readonly v: number;
  readonly outcome: OutcomeKind;
  /** Absent when the plugin left no verdict. */
  readonly admission?: string;
}
