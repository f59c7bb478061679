/** A path of a `kong.yml`, or a configuration that is already parsed. */
export type ConfigSource = string | { readonly declarative: object };

export interface PluginServerOptions {
  readonly command: readonly string[];
  readonly socket: string;
  readonly queryCommand: readonly string[];
}

export interface LocalGatewayOptions {
  readonly config: ConfigSource;
  /** 0: any free port. */
  readonly proxyPort?: number;
  readonly adminPort?: number;
  readonly host?: string;
  /** KONG_PREFIX: sockets and folders. */
  readonly prefix: string;
  /** `false`: none. Default: the plugin server of this package. */
  readonly pluginServer?: PluginServerOptions | false;
  /** For `{vault://env/...}`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** nginx's `lua_socket_read_timeout`, which ends a call of a plugin server that hangs. */
  readonly luaSocketReadTimeoutMs?: number;
  /** nginx's `client_max_body_size`; 0: none, as on Kong. */
  readonly clientMaxBodyBytes?: number;
  /** handler.lua of mcp-guard; `false`: not installed. */
  readonly guardFile?: string | false;
  /** Each has its own Lua VM and its own memory of plugin instances; connections' requests alternate. */
  readonly workers?: number;
  readonly log?: (line: string) => void;
}
