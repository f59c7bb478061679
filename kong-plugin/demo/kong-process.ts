import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { waitForSocket } from '../local-gateway/plugin-server/plugin-server-process.ts';
import { kongSettings, nginxMasterOf, packageFolder, type PluginServerSettings } from './kong-settings.ts';

const START_TIMEOUT_MS = 30_000;

/** The `kong` on PATH, if there is one. */
export const findKong = (searchPath: string = process.env.PATH ?? ''): string | undefined =>
  searchPath
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'kong'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

export interface KongOptions {
  readonly declarative: object;
  readonly dataDirectory: string;
  readonly proxyPort: number;
  readonly adminPort: number;
}

export interface RunningKong {
  readonly proxyUrl: string;
  readonly adminUrl: string;
  close(): Promise<void>;
}

/** Settings of a Kong node that governs. */
const environmentOf = (options: KongOptions, declarativeFile: string): Readonly<Record<string, string>> => {
  const { dataDirectory, proxyPort, adminPort } = options;
  const server = `${process.execPath} ${path.join(packageFolder, 'bin/mcp-governance-pluginserver.cjs')}`;
  const governance: PluginServerSettings = {
    name: 'governance',
    plugin: 'mcp-governance',
    socket: socketOf(options),
    startCommand: `${server} -p ${dataDirectory} --sock-name mcp_governance.sock`,
    queryCommand: `${server} --dump-all-plugins`,
  };
  return {
    ...kongSettings({ prefix: dataDirectory, declarativeFile, proxyPort, adminPort, pluginServers: [governance] }),
    // A hung plugin server must not hold requests for nginx's 60 seconds; the guard then answers 503.
    KONG_NGINX_HTTP_LUA_SOCKET_READ_TIMEOUT: '5s',
  };
};

const socketOf = ({ dataDirectory }: KongOptions): string => path.join(dataDirectory, 'mcp_governance.sock');

/**
 * Starts Kong in the foreground with its files below `dataDirectory`, and waits until its Admin API answers and the plugin
 * server listens: Kong answers 500 before.
 */
export const startKong = async (binary: string, options: KongOptions): Promise<RunningKong> => {
  mkdirSync(options.dataDirectory, { recursive: true });
  const configFile = path.join(options.dataDirectory, 'kong.generated.yml');
  writeFileSync(configFile, stringify(options.declarative), { mode: 0o600 });
  const child = spawn(binary, ['start'], {
    env: { ...process.env, ...environmentOf(options, configFile) },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const adminUrl = `http://127.0.0.1:${options.adminPort}`;
  const close = (): Promise<void> => stopKong(child, { exited, dataDirectory: options.dataDirectory });
  const isServing = async (): Promise<boolean> =>
    (await answers(`${adminUrl}/status`)) && (await waitForSocket(socketOf(options), START_TIMEOUT_MS));
  const ready = await Promise.race([exited.then(() => false), isServing()]);
  if (!ready) {
    await close();
    throw new Error(
      `Kong (${binary}) did not start: its own lines above say why. To leave it out: npm start -- --no-kong`,
    );
  }
  return {
    proxyUrl: `http://127.0.0.1:${options.proxyPort}`,
    adminUrl,
    close,
  };
};

/** A signal to `kong start` ends neither nginx nor the plugin server; nginx's master ends both. */
const stopKong = async (
  child: ChildProcess,
  { exited, dataDirectory }: { readonly exited: Promise<unknown>; readonly dataDirectory: string },
): Promise<void> => {
  const master = nginxMasterOf(dataDirectory);
  if (master !== undefined && child.exitCode === null) process.kill(master, 'SIGTERM');
  else child.kill('SIGTERM');
  await exited;
};

const answers = async (url: string): Promise<boolean> => {
  const end = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < end) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
};
