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
  /** Also a structured log line per record. */
  readonly logsRecords: boolean;
  /** Prefix that REST operations leave out. */
  readonly pathPrefix?: string;
  /** Where the policy snapshot comes from; undefined: the rules above are all. */
  readonly policy?: PolicySettings;
  readonly counters: CounterSettings;
  readonly opa?: OpaSettings;
  readonly management?: ManagementSettings;
  /** Relative paths belong below the Kong prefix. */
  readonly pinsFile: string;
  /** The gateway lists the server's tools itself; undefined: it only learns from the lists that pass. */
  readonly pinRefresh?: PinRefreshSettings;
  /** Where records go besides the file; undefined: nowhere. */
  readonly metering?: MeteringSettings;
}

export interface PinRefreshSettings {
  readonly url: string;
  readonly seconds: number;
  readonly credential?: string;
  readonly credentialHeader: string;
}

export interface MeteringSettings {
  /** Address of the ledger, without the path of its API. */
  readonly url: string;
  readonly token: string;
  /** `intent`: a call is on the disk before it is forwarded. */
  readonly durability: 'settle' | 'intent';
  /** What a call means that cannot be recorded: refused, or served and counted as unrecorded. */
  readonly whenFull: 'strict' | 'available';
  readonly maxBytes: number;
  readonly settleTimeoutSeconds: number;
  /** As configured; a relative path belongs below the Kong prefix. */
  readonly dir: string;
  /** Undefined: the node's own name. */
  readonly nodeId?: string;
}

export interface PolicySettings {
  readonly source:
    | { readonly kind: 'inline'; readonly text: string }
    | { readonly kind: 'file'; readonly file: string }
    | {
        readonly kind: 'url';
        readonly url: string;
        readonly pollSeconds: number;
        readonly hmacSecret?: string;
        readonly ed25519PublicKey?: string;
        readonly token?: string;
      };
  readonly maxAgeSeconds?: number;
  readonly whenStale: 'deny' | 'allow';
}

export interface CounterSettings {
  readonly store: 'memory' | 'redis' | 'postgres';
  readonly url?: string;
  readonly deadlineMs: number;
}

export interface OpaSettings {
  readonly engine:
    | { readonly kind: 'http'; readonly url: string; readonly token?: string }
    | { readonly kind: 'wasm'; readonly bundle: string };
  /** Below /v1/data, or the entrypoint of a bundle. */
  readonly path: string;
  readonly deadlineMs: number;
  readonly cacheSeconds: number;
  readonly mode: 'enforce' | 'shadow';
}

export interface ManagementSettings {
  readonly port: number;
  readonly host: string;
  readonly token: string;
}
