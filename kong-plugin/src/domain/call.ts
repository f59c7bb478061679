import type { JsonObject } from './json/json-value.ts';

/** `modern` is MCP 2026-07-28 (per-request `_meta`); `legacy` is every revision with `initialize`. */
export type Era = 'legacy' | 'modern';

export type JsonRpcId = string | number;

/** What a list method lists; also what a rule may name. */
export type ItemKind = 'tool' | 'prompt' | 'resource' | 'resourceTemplate';

/** What the client wants, parsed once at the edge. `method` is the JSON-RPC method, or the HTTP method of a REST operation. */
export type Call =
  ToolCall | PromptCall | ResourceCall | ListCall | CompletionCall | TaskCall | ListenCall | PlainCall | OperationCall;

/** `tools/call`. */
export interface ToolCall {
  readonly kind: 'tool';
  readonly method: 'tools/call';
  readonly name: string;
  readonly arguments: JsonObject;
  /** The call repeats an earlier one to answer `input_required` (client-controlled: never free for a quota). */
  readonly isRetry: boolean;
}

/** `prompts/get`. */
export interface PromptCall {
  readonly kind: 'prompt';
  readonly method: 'prompts/get';
  readonly name: string;
  readonly arguments: JsonObject;
}

/** `resources/read`, `resources/subscribe`, `resources/unsubscribe`. */
export interface ResourceCall {
  readonly kind: 'resource';
  readonly method: string;
  readonly uri: string;
}

/** `tools/list`, `prompts/list`, `resources/list`, `resources/templates/list`. */
export interface ListCall {
  readonly kind: 'list';
  readonly method: string;
  readonly itemKind: ItemKind;
  /** `params.cursor`; absent for the first page. */
  readonly cursor?: string;
}

/** `completion/complete`, judged by what it completes for. */
export interface CompletionCall {
  readonly kind: 'completion';
  readonly method: 'completion/complete';
  readonly reference:
    { readonly kind: 'prompt'; readonly name: string } | { readonly kind: 'resource'; readonly uri: string };
}

/** `tasks/get`, `tasks/result`, `tasks/update`, `tasks/cancel`; `tasks/list` has no `taskId`. */
export interface TaskCall {
  readonly kind: 'task';
  readonly method: string;
  readonly taskId?: string;
}

/** `subscriptions/listen` (modern): a long stream about the named resources and tasks. */
export interface ListenCall {
  readonly kind: 'listen';
  readonly method: 'subscriptions/listen';
  readonly resourceUris: readonly string[];
  readonly taskIds: readonly string[];
}

/** Everything that names no governed item. */
export interface PlainCall {
  /**
   * `lifecycle`: initialize, server/discover, ping, logging/setLevel. `notification`: any `notifications/*`.
   * `response`: the client's answer to a server's request (legacy). `stream`: GET. `session_end`: DELETE.
   * `server_only`: a method that only servers may send. `unknown`: none of these.
   */
  readonly kind: 'lifecycle' | 'notification' | 'response' | 'stream' | 'session_end' | 'server_only' | 'unknown';
  readonly method: string;
}

/** A REST operation: the unit that a tool is for MCP. */
export interface OperationCall {
  readonly kind: 'operation';
  /** HTTP method. */
  readonly method: string;
  /** `operationId`, or `METHOD /path/{template}` when none is configured. */
  readonly name: string;
  /** Path template, for example `/payments/{id}`. */
  readonly template: string;
  /** `{ path: {...}, query: {...}, body?: ... }`, what rules and records see. */
  readonly arguments: JsonObject;
}

/** One request read: the call and what surrounds it. */
export interface Message {
  readonly call: Call;
  /** REST requests have no era. */
  readonly era: Era | 'rest';
  /** Absent for notifications, responses, GET, DELETE and REST. */
  readonly id?: JsonRpcId;
  /** As claimed by the request (`_meta` or `MCP-Protocol-Version`); absent when it claims none. */
  readonly protocolVersion?: string;
  /** `Mcp-Session-Id` as the client sent it (legacy only). */
  readonly sessionId?: string;
  /** The request resumes a stream (`Last-Event-ID`). */
  readonly isResumed: boolean;
  /** W3C `traceparent` of `_meta` or of the header. */
  readonly traceparent?: string;
  /** Self-reported, for records only: never decide on it. */
  readonly client?: { readonly name?: string; readonly version?: string };
  /**
   * Request headers that must not reach the server because nobody checked them: `mcp-method`, `mcp-name`, `mcp-param-*` in
   * the legacy era, `mcp-session-id` in the modern one, `last-event-id` on every POST.
   */
  readonly headersToStrip: readonly string[];
}
