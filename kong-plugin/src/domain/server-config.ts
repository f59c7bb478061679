import type { Rule } from './rule.ts';

/** Everything the domain needs to know about one governed server; built by `config/read-config.ts`, never by hand. */
export interface ServerConfig {
  readonly server: { readonly name: string; readonly kind: 'mcp' | 'rest' };
  readonly rules: readonly Rule[];
  readonly limits: ReaderLimits;
  readonly mcp: McpOptions;
  readonly rest: { readonly operations: readonly OperationTemplate[] };
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
  readonly callers: CallerOptions;
  readonly oauth?: OauthOptions;
  readonly replies: ReplyOptions;
  readonly records: RecordOptions;
  readonly forwarding: ForwardingOptions;
}

/** Limits on what the reader accepts. */
export interface ReaderLimits {
  /** Bytes; SDK servers accept 4 MiB. */
  readonly maxBodyBytes: number;
  /** Levels of nesting; servers accept 5,000, nobody needs 64. */
  readonly maxDepth: number;
}

export interface McpOptions {
  /** `strict`: `^[A-Za-z0-9._-]{1,128}$` (tools.mdx §Tool Names). `any`: any name of at most 256 characters without control characters. */
  readonly toolNames: 'strict' | 'any';
  /** Methods this gateway does not know: refused, or passed. */
  readonly unknownMethods: 'deny' | 'allow';
  /** GET streams of the legacy era: opened, or answered 405 (silent in both SDKs). */
  readonly getStreams: 'allow' | 'deny';
  /** `tasks/list` may list other callers' tasks. */
  readonly taskLists: 'deny' | 'allow';
}

export interface OperationTemplate {
  readonly name: string;
  readonly method: string;
  /** `/payments/{id}`: a `{name}` matches one non-empty segment. */
  readonly template: string;
}

export interface CallerOptions {
  /** A consumer tag with this prefix names the tenant, e.g. `tenant:acme`. */
  readonly tenantTagPrefix: string;
  /** A consumer tag with this prefix names the application; without one the consumer's username is it. */
  readonly applicationTagPrefix: string;
}

/** Duties of an OAuth resource server (MCP authorization; RFC 9728, RFC 8707). */
export interface OauthOptions {
  /** Canonical public URL of this server; also the audience a token must carry. */
  readonly resource: string;
  readonly authorizationServers: readonly string[];
  /** Accepted `iss` values. */
  readonly issuers: readonly string[];
  /** Accepted `aud` values; the resource itself when none is listed. */
  readonly audiences: readonly string[];
  /** Baseline scopes, named in the first challenge. */
  readonly scopes: readonly string[];
  /** Scopes a tool needs besides the caller's rules: 403 `insufficient_scope` (answer "may after consent"). */
  readonly toolScopes: ReadonlyMap<string, readonly string[]>;
}

export interface ReplyOptions {
  /** `unknown_tool`: 200 with -32602 "Unknown tool: X", so that a hidden tool's existence does not show. `tool_error`: 200 with isError. `forbidden`: HTTP 403. */
  readonly deniedTool: 'unknown_tool' | 'tool_error' | 'forbidden';
  /** A `tools/call` that a limit refuses. `tool_error` (when left out): 200 with isError, which the model reads. `http429`: HTTP 429, which clients raise as an exception. */
  readonly limitsAs?: 'tool_error' | 'http429';
}

export interface RecordOptions {
  /** `redacted`: arguments with secrets replaced. `hash`: only their SHA-256. */
  readonly arguments: 'redacted' | 'hash';
  /** Argument names whose values never enter a record, at any depth, compared without case, `_` and `-`. */
  readonly redactKeys: readonly string[];
  /** JSON paths such as `$.customer.iban` or `$.cards[*].number`. */
  readonly redactPaths: readonly string[];
}

export interface ForwardingOptions {
  /** Headers that carry the client's credential; removed before the request reaches the server. */
  readonly credentialHeaders: readonly string[];
  /** Query parameters that carry it. */
  readonly credentialQuery: readonly string[];
  /** Headers that a server might take for identity: removed unless Kong set them. */
  readonly identityHeaders: readonly string[];
}
