import { definedFields } from '../../../src/domain/defined-fields.ts';
import { readFactLines } from '../../../src/host/fact-lines.ts';
import type { GuardOutcome } from '../../../src/host/guard-protocol.ts';

/** One request through mcp-guard, described so that fengari and LuaJIT can both play it. Plain JSON. */
export interface Scenario {
  readonly config?: {
    readonly scan_limit_bytes?: number;
    readonly log_refusals?: boolean;
    readonly log_records?: boolean;
  };
  /** What Kong hands to `configure`; null: the plugin is enabled nowhere. */
  readonly configs?: readonly PluginScope[] | null;
  readonly request?: {
    readonly method?: string;
    readonly uri?: string;
    readonly headers?: Readonly<Record<string, string | readonly string[]>>;
    readonly headersTruncated?: boolean;
    /** `$content_length`; absent for a chunked body. */
    readonly contentLength?: string;
    readonly body?: string;
    /** Kong's second return value of `get_raw_body`: there is no body then. */
    readonly bodyError?: string;
    /** `get_raw_body` raises. */
    readonly bodyRaises?: boolean;
    readonly consumer?: Readonly<Record<string, unknown>> | null;
    readonly credential?: Readonly<Record<string, unknown>>;
    readonly route?: string | null;
    readonly service?: string | null;
    /** Rows of Kong's ACL cache; a string: the cache fails with it. */
    readonly groups?: readonly string[] | string;
  };
  /** Calls `kong.mcp_guard.facts`. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** `ngx.ctx` before access. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** `kong.ctx.shared` before access. */
  readonly shared?: Readonly<Record<string, unknown>>;
  /** Calls `kong.mcp_guard.admit` before the guard's own access; `isCollecting`: as in Kong's access phase. */
  readonly admit?: { readonly verdict: string; readonly admission: string; readonly isCollecting: boolean };
  /** Runs access phases of mcp-governance, with a plugin server at the other end of the socket. */
  readonly judge?: ScenarioJudge;
  /** Calls `kong.mcp_guard.refuse` in access, in place of the guard's own access. */
  readonly refuse?: readonly unknown[];
  /** false: another plugin answered before the guard's access. */
  readonly access?: boolean;
  /** PDK function that raises, for example `kong.response.get_source`. */
  readonly raises?: string;
  /** `kong.ctx.shared` after access, before the response. */
  readonly sharedLater?: Readonly<Record<string, unknown>>;
  /** Calls `kong.mcp_guard.buffered` on this body, and then perhaps refuses. */
  readonly buffered?: { readonly body: string; readonly refuse?: readonly unknown[] };
  readonly response?: {
    readonly source?: 'service' | 'exit' | 'error';
    readonly status?: number;
    /** null: no server was asked. */
    readonly upstreamStatus?: number | null;
    readonly headers?: Readonly<Record<string, string | readonly string[]>>;
    readonly body?: string;
    /** Byte offsets at which the body is cut into chunks; 'bytes': after each. */
    readonly cuts?: readonly number[] | 'bytes';
    /** false: the client left or the server broke off; the body filter sees no end. */
    readonly ends?: boolean;
  };
  readonly end?: ScenarioEnd;
}

export interface ScenarioJudge {
  /** What Kong's own access phase asks `facts` for. */
  readonly options: Readonly<Record<string, unknown>>;
  /** One for each phase; true: Kong has loaded its configuration anew. */
  readonly accesses: readonly boolean[];
  /** To each question `[kind, first, second]`; why there is no connection; or `bytes:` and all that comes before the end. */
  readonly answers: readonly (readonly [kind: number, first?: string, second?: string] | string)[];
  /** Kong cannot say which instance, and why; '' as when another request changes it at that moment: without a reason. */
  readonly instanceFails?: string;
}

/** The end of a request: the guard's log phase, and timers until there are none. */
export interface ScenarioEnd {
  /** So many requests end like this one, before a timer runs; 1. */
  readonly times?: number;
  /** To each message: the positions of records whose plugin is unknown, or why there is no connection. */
  readonly answers?: readonly (readonly number[] | string)[];
  readonly isExiting?: boolean;
}

export interface PluginScope {
  readonly route_id?: string;
  readonly service_id?: string;
  readonly consumer_id?: string;
}

export interface ScenarioResult {
  /** Some `kong.response.exit` ended access. */
  readonly exit?: {
    readonly status: number;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** Access raised, which Kong answers with 500. */
  readonly failure?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
  /** `admit` left the plugin's access phase for good. */
  readonly hasLeft?: boolean;
  readonly bufferedAnswer?: Readonly<Record<string, unknown>>;
  /** `ngx.ctx.buffered_proxying` after access. */
  readonly isBuffered: boolean;
  readonly upstream: {
    readonly cleared: readonly string[];
    readonly set: Readonly<Record<string, string>>;
    readonly query?: string;
  };
  /** What the client sees. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  readonly outcome?: GuardOutcome;
  /** `kong.log.set_serialize_value('mcp', ...)`, the last one. */
  readonly serialized?: Readonly<Record<string, unknown>>;
  readonly errors: readonly string[];
  readonly judged?: {
    /** Each message to the plugin server, in Base64. */
    readonly questions: readonly string[];
    /** Access phases of Kong's own. */
    readonly originals: number;
    /** Instances that Kong was told to forget. */
    readonly resets: number;
    /** Connections that went back into the pool, and that did not. */
    readonly kept: number;
    readonly closed: number;
  };
  readonly delivery?: {
    /** Each message to the plugin server, in Base64. */
    readonly messages: readonly string[];
    /** Seconds that its timers waited. */
    readonly delays: readonly number[];
    /** Configurations that the plugin server was told. */
    readonly introduced: readonly string[];
  };
}

/** Plays scenarios on one Lua implementation. */
export type PlayScenarios = (scenarios: readonly Scenario[]) => readonly ScenarioResult[];

export const requestId = 'f0e1d2c3b4a5968778695a4b3c2d1e0f';

/** A verdict that fits the scenario's default request. */
export const verdictFor = (fields: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  v: 6,
  consumer: 'consumer-1',
  scope: 'route',
  scope_id: 'route-1',
  request_id: requestId,
  filter: false,
  kind: 'mcp',
  clear_headers: [],
  set_headers: {},
  admission: '{"server":"orders"}',
  ...fields,
});

/** `facts` as Base64 of a text with the body beside it, put together as the plugin does. */
export const unpackFacts = (result: ScenarioResult): ScenarioResult => {
  if (!Array.isArray(result.facts)) return result;
  const [text = '', body] = result.facts as readonly string[];
  const facts = {
    ...definedFields(readFactLines(Buffer.from(text, 'base64').toString('utf8')) ?? {}),
    ...(body === undefined ? {} : { body }),
  };
  return { ...result, facts: likeMessagePack(facts) as Record<string, unknown> };
};

/** Lua has one empty table; both players show it as `[]`, so that their results can be compared. */
export const likeMessagePack = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(likeMessagePack);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => [key, likeMessagePack(entry)] as const);
  return entries.length === 0 ? [] : Object.fromEntries(entries);
};
