import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

export interface KongSettings {
  /** Where Kong's own files go. */
  readonly prefix: string;
  readonly declarativeFile: string;
  readonly proxyPort: number;
  /** Left out: no Admin API. */
  readonly adminPort?: number;
  readonly pluginServers: readonly PluginServerSettings[];
}

export interface PluginServerSettings {
  readonly name: string;
  /** The plugin that it serves. */
  readonly plugin: string;
  readonly socket: string;
  /** Left out: somebody else starts it. */
  readonly startCommand?: string;
  readonly queryCommand: string;
}

/**
 * Settings of a Kong node in the foreground, on loopback, with the guard and our plugin servers, as environment variables
 * (kong.conf names, upper case, `KONG_` in front).
 */
export const kongSettings = (settings: KongSettings): Readonly<Record<string, string>> => {
  const { prefix, declarativeFile, proxyPort, adminPort, pluginServers } = settings;
  return {
    KONG_PREFIX: prefix,
    KONG_DATABASE: 'off',
    KONG_DECLARATIVE_CONFIG: declarativeFile,
    KONG_PROXY_LISTEN: `127.0.0.1:${proxyPort}`,
    KONG_ADMIN_LISTEN: adminPort === undefined ? 'off' : `127.0.0.1:${adminPort}`,
    // Kong would open its manager on all addresses, and report home.
    KONG_ADMIN_GUI_LISTEN: 'off',
    KONG_STATUS_LISTEN: 'off',
    KONG_ANONYMOUS_REPORTS: 'off',
    // Started by root, workers become another user, who cannot make the plugin server's socket in a folder of root.
    ...(process.getuid?.() === 0 ? { KONG_NGINX_USER: 'root root' } : {}),
    KONG_NGINX_DAEMON: 'off',
    KONG_PLUGINS: ['bundled', ...pluginServers.map(({ plugin }) => plugin), 'mcp-guard'].join(','),
    KONG_LUA_PACKAGE_PATH: `${path.join(packageFolder, 'lua')}/?.lua;;`,
    KONG_PLUGINSERVER_NAMES: pluginServers.map(({ name }) => name).join(','),
    ...Object.fromEntries(pluginServers.flatMap(pluginServerSettings)),
  };
};

const pluginServerSettings = (server: PluginServerSettings): readonly (readonly [string, string])[] => {
  const prefix = `KONG_PLUGINSERVER_${server.name.toUpperCase()}`;
  return [
    [`${prefix}_SOCKET`, server.socket],
    ...(server.startCommand === undefined ? [] : [[`${prefix}_START_CMD`, server.startCommand] as const]),
    [`${prefix}_QUERY_CMD`, server.queryCommand],
  ];
};

/** The process that ends a Kong with its workers and plugin servers; undefined until nginx says which it is. */
export const nginxMasterOf = (prefix: string): number | undefined => {
  const pid = Number(readIfThere(path.join(prefix, 'pids', 'nginx.pid')));
  return pid > 0 ? pid : undefined;
};

const readIfThere = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
