/** The `kong` that handlers get: every property is a PDK function, `kong.a.b(1)` calls Lua's `kong.a.b(1)`. */
export interface KongFunction {
  (...parameters: readonly unknown[]): Promise<unknown>;
  readonly [name: string]: KongFunction;
}

/** What kong-pdk expects a plugin file to export. */
export interface PluginModule {
  readonly Name?: string;
  readonly Version?: string;
  readonly Priority?: number;
  readonly Schema?: readonly object[];
  readonly Plugin: PluginClass;
}

export interface PluginClass {
  new (config: never): object;
  /** Called once before the process ends: flush what must not be lost. */
  shutdown?(): void | Promise<void>;
}

/** One configuration of the plugin. The phases (`access(kong)`, ...) are methods beside `close`. */
export interface PluginObject {
  /** What mcp-guard asks instead of a whole access phase; the answer is passed on as it is. Rejects when nothing can be said. */
  judge?(request: JudgedRequest): Promise<Judgement>;
  /** What became of one request, as mcp-guard tells it after the end. Rejects, or throws, when that could not be recorded. */
  conclude?(told: ConcludedRequest): Promise<void>;
  /** Called when Kong replaced this configuration and its last request is done, and at shutdown. */
  close?(): void | Promise<void>;
}

/** What mcp-guard shall do; the texts are passed on as they are. */
export interface Judgement {
  readonly kind: 'admit' | 'refuse' | 'exit' | 'ask';
  readonly text?: string;
  readonly admission?: string;
}

/** As mcp-guard sends it: bytes, because a client chose some of them and they may be no UTF-8. */
export interface JudgedRequest {
  readonly text: Uint8Array;
  readonly body: Uint8Array;
}

/** The end of a request as mcp-guard tells it; both texts are the plugin's own business. */
export interface ConcludedRequest {
  readonly text: string;
  readonly admission?: string;
}

/** Ask Kong to call a PDK function. The field names are the wire's. */
export interface PdkCall {
  readonly Method: string;
  readonly Args: readonly unknown[];
}

/** `ret`: the phase is over and the request goes on. */
export type EventMessage = PdkCall | 'ret';

export interface EventAnswer {
  readonly Data: EventMessage;
  readonly EventId: number;
}

/**
 * PDK functions after which Kong ends the phase without a word to us: nothing ever answers them. kong-pdk 0.6.0 knows
 * only the first two; the others are mcp-guard's.
 */
export const endingMethods: ReadonlySet<string> = new Set([
  'kong.response.exit',
  'kong.response.error',
  'kong.mcp_guard.admit',
  'kong.mcp_guard.refuse',
]);

export const isFinal = (message: EventMessage): boolean => message === 'ret' || endingMethods.has(message.Method);
