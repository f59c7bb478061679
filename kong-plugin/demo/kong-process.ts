import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { waitForSocket } from '../local-gateway/plugin-server/plugin-server-process.ts';

const packageFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
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

/** Settings of a Kong node that governs, as environment variables (kong.conf names, upper case, `KONG_` in front). */
export const kongEnvironment = (options: KongOptions, configFile: string): Readonly<Record<string, string>> => {
  const server = `${process.execPath} ${path.join(packageFolder, 'bin/mcp-governance-pluginserver.cjs')}`;
  return {
    KONG_PREFIX: options.dataDirectory,
    KONG_DATABASE: 'off',
    KONG_DECLARATIVE_CONFIG: configFile,
    KONG_PROXY_LISTEN: `127.0.0.1:${options.proxyPort}`,
    KONG_ADMIN_LISTEN: `127.0.0.1:${options.adminPort}`,
    // Kong would open its manager on all addresses, and report home.
    KONG_ADMIN_GUI_LISTEN: 'off',
    KONG_STATUS_LISTEN: 'off',
    KONG_ANONYMOUS_REPORTS: 'off',
    // Started by root, workers become another user, who cannot make the plugin server's socket in a folder of root.
    ...(process.getuid?.() === 0 ? { KONG_NGINX_USER: 'root root' } : {}),
    KONG_NGINX_DAEMON: 'off',
    KONG_PLUGINS: 'bundled,mcp-governance,mcp-guard',
    KONG_LUA_PACKAGE_PATH: `${path.join(packageFolder, 'lua')}/?.lua;;`,
    KONG_PLUGINSERVER_NAMES: 'governance',
    KONG_PLUGINSERVER_GOVERNANCE_SOCKET: socketOf(options),
    KONG_PLUGINSERVER_GOVERNANCE_START_CMD: `${server} -p ${options.dataDirectory} --sock-name mcp_governance.sock`,
    KONG_PLUGINSERVER_GOVERNANCE_QUERY_CMD: `${server} --dump-all-plugins`,
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
    env: { ...process.env, ...kongEnvironment(options, configFile) },
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
  const master = Number(readIfThere(path.join(dataDirectory, 'pids', 'nginx.pid')));
  if (master > 0 && child.exitCode === null) process.kill(master, 'SIGTERM');
  else child.kill('SIGTERM');
  await exited;
};

const readIfThere = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
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
