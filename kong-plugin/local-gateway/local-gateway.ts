import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Result } from '../src/domain/result.ts';
import { startAdminServer } from './admin-api/admin-server.ts';
import type { Entities } from './declarative-config/entities.ts';
import { issueText, type ConfigIssues } from './declarative-config/read-declarative.ts';
import type { ConfigSource, LocalGatewayOptions, PluginServerOptions } from './gateway-options.ts';
import { queryPluginInfo, type PluginInfo } from './plugin-server/plugin-info.ts';
import { PluginServerProcess, waitForSocket } from './plugin-server/plugin-server-process.ts';
import { startProxyServer } from './proxy/proxy-server.ts';
import { Runtime } from './runtime.ts';
import { describeError } from './shared/errors.ts';
import { packageFile } from './shared/package-file.ts';

export type { ConfigSource, LocalGatewayOptions, PluginServerOptions } from './gateway-options.ts';

export interface LocalGateway {
  readonly proxyUrl: string;
  readonly adminUrl: string;
  pluginServerPid(): number | undefined;
  /** Throws `ConfigError` when the configuration is refused; the old one then stays. */
  reload(config: ConfigSource): Promise<void>;
  close(): Promise<void>;
}

/** A configuration that was refused: one line per issue. */
export class ConfigError extends Error {
  constructor(readonly issues: ConfigIssues) {
    super(`The configuration is refused:\n${issues.map((issue) => `  ${issueText(issue)}`).join('\n')}`);
  }
}

/** How long the start waits for the plugin server; on Kong the first requests get 500 meanwhile. */
const PLUGIN_SERVER_START_MS = 15_000;

/** Starts the development stand-in for Kong 3.9. */
export const startLocalGateway = async (options: LocalGatewayOptions): Promise<LocalGateway> => {
  const log = options.log ?? ((): void => undefined);
  createPrefix(options.prefix);
  const external = options.pluginServer === false ? undefined : describePluginServer(options);
  const info = external === undefined ? undefined : queryOrThrow(external);
  const runtime = new Runtime(options, { info, external, log });
  runtime.load(unwrap(runtime.read(options.config)));
  const server = external === undefined ? undefined : new PluginServerProcess({ command: external.command, log });
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    server?.start();
    closers.push(async () => {
      await runtime.close();
      await server?.stop();
    });
    const host = options.host ?? '127.0.0.1';
    const proxy = await startProxyServer({
      host,
      port: options.proxyPort ?? 8_000,
      handle: (incoming, outgoing) => runtime.handle(incoming, outgoing),
    });
    closers.push(proxy.close);
    const admin = await startAdminServer({ host, port: options.adminPort ?? 8_001, runtime });
    closers.push(admin.close);
    if (external !== undefined) await waitForSocket(external.socket, PLUGIN_SERVER_START_MS);
    return {
      proxyUrl: `http://${host}:${proxy.port}`,
      adminUrl: `http://${host}:${admin.port}`,
      pluginServerPid: () => server?.pid,
      reload: async (config) => runtime.load(unwrap(runtime.read(config))),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const createPrefix = (prefix: string): void => {
  try {
    mkdirSync(prefix, { recursive: true });
  } catch (error) {
    throw new Error(`The folder ${prefix} cannot be created (--prefix or KONG_PREFIX): ${describeError(error)}`, {
      cause: error,
    });
  }
};

const unwrap = (read: Result<Entities, ConfigIssues>): Entities => {
  if (!read.ok) throw new ConfigError(read.error);
  return read.value;
};

const describePluginServer = (options: LocalGatewayOptions): PluginServerOptions => {
  if (typeof options.pluginServer === 'object') return options.pluginServer;
  const launcher = [process.execPath, packageFile('bin/mcp-governance-pluginserver.cjs')];
  const socketName = 'mcp_governance.sock';
  // Without mcp-guard nothing else tells the plugin what became of a request.
  const flags = options.guardFile === false ? ['--log-phase'] : [];
  return {
    command: [...launcher, '-p', options.prefix, '--sock-name', socketName, '--exit-with-parent', ...flags],
    socket: path.join(options.prefix, socketName),
    queryCommand: [...launcher, '--dump-all-plugins', ...flags],
  };
};

const queryOrThrow = (external: PluginServerOptions): PluginInfo => {
  const info = queryPluginInfo(external.queryCommand);
  if (!info.ok) throw new Error(info.error);
  return info.value;
};
