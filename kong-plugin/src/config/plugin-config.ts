import type { ServerConfig } from '../domain/server-config.ts';

/** Where Kong attached this instance of the plugin; the guard refuses a verdict of another place. */
export interface Scope {
  readonly scope: 'route' | 'service' | 'consumer' | 'global';
  readonly scopeId: string;
}

/** One instance's configuration, checked and complete. */
export interface PluginConfig extends Scope {
  readonly server: ServerConfig;
  readonly guard: 'mcp-guard' | 'post-function';
  /** Undefined: the node's own key. */
  readonly sessionSecret?: string;
  /** As configured; relative paths belong below the Kong prefix. */
  readonly recordsFile: string;
  /** Prefix that REST operations leave out. */
  readonly pathPrefix?: string;
}
