import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Consumer, JwtSecret, KeyAuthCredential, Route, Service } from '../declarative-config/entities.ts';
import type { RouteMatch } from '../router/router.ts';
import type { LuaData, LuaTableLike } from '../shared/lua-data.ts';
import { HeaderList } from './header-list.ts';

export type Phase = 'rewrite' | 'access' | 'response' | 'header_filter' | 'body_filter' | 'log' | 'error';

/** A response that a plugin asked for while other plugins of the access phase are still to be collected. */
export interface DelayedResponse {
  readonly status: number;
  readonly body: string | Uint8Array | undefined;
  readonly headers: readonly (readonly [string, readonly string[]])[];
}

export interface SerializeValue {
  readonly key: string;
  readonly value: LuaData;
  readonly mode: 'set' | 'add' | 'replace';
}

/** One try of the balancer, as `kong.log.serialize` shows it. */
export interface Try {
  readonly balancer_start: number;
  readonly balancer_start_ns: number;
  readonly ip: string;
  readonly port: number;
  readonly balancer_latency: number;
  readonly balancer_latency_ns: number;
}

/** Milliseconds since the epoch at which each stage of the request was reached. */
export interface Timings {
  readonly start: number;
  accessEnded?: number;
  balancerEnded?: number;
  /** First byte of the upstream's answer. */
  upstreamHeader?: number;
  bodyEnded?: number;
}

/** Everything that nginx and Kong's `ngx.ctx` know about one request. */
export class RequestState {
  readonly id = randomBytes(16).toString('hex');
  /** nginx's own `$request_id`, which is another one. */
  readonly nginxRequestId = randomBytes(16).toString('hex');
  readonly timings: Timings;
  readonly target: string;
  readonly headers: HeaderList;
  method: string;
  /** Raw query without `?`; undefined when the target has no `?`. */
  query: string | undefined;
  body: Uint8Array = new Uint8Array();
  /** The body did not fit into `client_body_buffer_size`, so it lies in a file on Kong. */
  isBodyInFile = false;
  phase: Phase = 'rewrite';

  match: RouteMatch | undefined;
  consumer: Consumer | undefined;
  credential: KeyAuthCredential | JwtSecret | undefined;
  /** Id of the plugin entity whose handler runs. */
  pluginId: string | undefined;

  /** Towards the upstream. */
  upstreamScheme = 'http';
  upstreamHost: string | undefined;
  /** Escaped path. */
  upstreamPath = '/';
  forwarded: readonly (readonly [string, string])[] = [];
  isWebSocketUpgrade = false;
  tries: Try[] = [];

  /** Towards the client. */
  status = 200;
  readonly responseHeaders = new HeaderList();
  areHeadersSent = false;
  /** Body of an answer that Kong itself gives. */
  localBody: Uint8Array | undefined;
  /** Body that replaces the answer: `kong.response.exit` in a header filter. */
  replacementBody: Uint8Array | undefined;
  sentBytes = 0;
  /** The chunk and end-of-file flag of the running body filter: `ngx.arg`. */
  chunk: { data: Uint8Array; isLast: boolean } = { data: new Uint8Array(), isLast: false };
  /** What `kong.response.get_raw_body` has gathered. */
  bodyBuffer: Uint8Array[] | undefined;

  /** The upstream's answer. */
  upstreamStatus: number | undefined;
  upstreamHeaders: HeaderList | undefined;
  /** Set when the answer was buffered. */
  bufferedBody: Uint8Array | undefined;

  delayed: DelayedResponse | undefined;
  hasExited = false;
  isProxied = false;
  isUnexpected = false;
  serializeValues: SerializeValue[] = [];
  readonly namespaces = new Map<string, LuaTableLike>();

  constructor(
    readonly incoming: IncomingMessage,
    readonly outgoing: ServerResponse,
    /** `kong.ctx.shared` and `ngx.ctx`: the same objects for Lua plugins and for the plugin server. */
    readonly tables: { readonly shared: LuaTableLike; readonly context: LuaTableLike },
    now: number,
  ) {
    this.timings = { start: now };
    this.method = incoming.method ?? 'GET';
    this.target = incoming.url ?? '/';
    this.headers = HeaderList.fromRaw(incoming.rawHeaders);
    const mark = this.target.indexOf('?', 1);
    this.query = mark < 0 ? undefined : this.target.slice(mark + 1);
  }

  get route(): Route | undefined {
    return this.match?.route;
  }

  get service(): Service | undefined {
    return this.match?.service;
  }

  get isBuffered(): boolean {
    const value = this.tables.context.get('buffered_proxying');
    return value !== undefined && value !== null && value !== false;
  }

  set isBuffered(value: boolean) {
    this.tables.context.set('buffered_proxying', value ? true : undefined);
  }

  /** Access plugins are being collected: one that answers, or has said all it has to, leaves its coroutine. */
  get mayDelay(): boolean {
    return this.tables.context.get('delay_response') === true;
  }

  set mayDelay(value: boolean) {
    this.tables.context.set('delay_response', value ? true : undefined);
  }

  get clientAddress(): string {
    return (this.incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  }

  get clientPort(): number {
    return this.incoming.socket.remotePort ?? 0;
  }

  get localPort(): number {
    return this.incoming.socket.localPort ?? 0;
  }

  /** nginx's `$host`: the Host header's name in lower case, without port. */
  get host(): string {
    return (this.headers.first('host') ?? '').replace(/:\d*$/, '').toLowerCase();
  }

  /** `kong`: an answer of the gateway itself; `service`: of the upstream. */
  get source(): 'error' | 'exit' | 'service' {
    if (this.isUnexpected) return 'error';
    if (this.hasExited) return 'exit';
    return this.isProxied ? 'service' : 'error';
  }

  release(): void {
    this.tables.shared.release();
    this.tables.context.release();
    for (const table of this.namespaces.values()) table.release();
  }
}
