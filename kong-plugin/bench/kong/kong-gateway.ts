import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../free-port.ts';
import { cpuMicrosecondsOf, listening, workerOf, type LoadOptions, type MeasuredGateway } from '../gateway-process.ts';
import type { GatewayOptions } from '../nginx/nginx-gateway.ts';
import { startUpstream, wrk } from '../nginx/nginx.ts';
import { packageFolder, pluginServerCommand } from '../plugin-server-process.ts';
import { runWrk, type WrkResult } from '../wrk.ts';

/** The Kong that is installed, with one worker; plugin servers run beside it, so that their CPU can be read. */
export class KongGateway implements MeasuredGateway {
  private constructor(
    readonly name: string,
    private readonly parts: {
      readonly upstream: ChildProcess;
      readonly kong: ChildProcess;
      readonly prefix: string;
      readonly port: number;
      readonly master: number;
      readonly worker: number;
    },
  ) {}

  static async start(binary: string, { prefix, plugins }: GatewayOptions): Promise<KongGateway> {
    const port = await freePort();
    const upstream = await startUpstream(prefix);
    const folder = path.join(prefix, 'kong');
    mkdirSync(folder, { recursive: true });
    const declarative = path.join(folder, 'kong.generated.yml');
    writeFileSync(declarative, stringify(configuration(upstream.port, plugins)));
    const kong = spawn(binary, ['start'], {
      env: { ...process.env, ...environment({ folder, declarative, port, plugins }) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await listening(port);
    const master = await masterOf(folder);
    const version = spawnSync(binary, ['version'], { encoding: 'utf8' }).stdout.trim();
    return new KongGateway(`Kong ${version}`, {
      ...{ upstream: upstream.process, kong, prefix: folder, port, master },
      worker: workerOf(master),
    });
  }

  cpuMicroseconds(): number {
    return cpuMicrosecondsOf(this.parts.worker);
  }

  load(route: string, options: LoadOptions): Promise<WrkResult> {
    const errorLog = (): string => readFileSync(path.join(this.parts.prefix, 'logs/error.log'), 'utf8').slice(-2_000);
    return runWrk(wrk, { ...options, url: `http://127.0.0.1:${this.parts.port}/${route}`, errorLog });
  }

  async stop(): Promise<void> {
    const { kong, master, upstream } = this.parts;
    const exited = new Promise((resolve) => kong.once('exit', resolve));
    process.kill(master, 'SIGTERM');
    await exited;
    upstream.kill('SIGTERM');
  }
}

/** nginx listens a moment before it says which process it is. */
const masterOf = async (folder: string): Promise<number> => {
  const file = path.join(folder, 'pids/nginx.pid');
  for (let attempt = 0; attempt < 100 && !existsSync(file); attempt += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return Number(readFileSync(file, 'utf8'));
};

type Plugins = GatewayOptions['plugins'];

/** One service and route a side, with key-auth. */
const configuration = (upstreamPort: number, plugins: Plugins): object => ({
  _format_version: '3.0',
  services: Object.entries(plugins).map(([route, plugin]) => ({
    name: route,
    url: `http://127.0.0.1:${upstreamPort}`,
    routes: [{ name: route, paths: [`/${route}`] }],
    plugins: [
      { name: 'key-auth', config: { key_names: ['apikey'] } },
      ...(plugin === undefined ? [] : [{ name: plugin.name, config: plugin.config }]),
      ...(plugin?.guarded === true ? [{ name: 'mcp-guard' }] : []),
    ],
  })),
  consumers: [{ username: 'app-7', tags: ['tenant:acme'], keyauth_credentials: [{ key: 'test-key-bench' }] }],
});

interface Settings {
  readonly folder: string;
  readonly declarative: string;
  readonly port: number;
  readonly plugins: Plugins;
}

const environment = ({ folder, declarative, port, plugins }: Settings): Readonly<Record<string, string>> => {
  const servers = Object.entries(plugins).flatMap(([route, plugin]) =>
    plugin === undefined ? [] : [{ route, plugin }],
  );
  return {
    KONG_PREFIX: folder,
    KONG_DATABASE: 'off',
    KONG_DECLARATIVE_CONFIG: declarative,
    KONG_PROXY_LISTEN: `127.0.0.1:${port}`,
    ...{ KONG_ADMIN_LISTEN: 'off', KONG_ADMIN_GUI_LISTEN: 'off', KONG_STATUS_LISTEN: 'off' },
    KONG_ANONYMOUS_REPORTS: 'off',
    KONG_NGINX_DAEMON: 'off',
    KONG_NGINX_WORKER_PROCESSES: '1',
    ...(process.getuid?.() === 0 ? { KONG_NGINX_USER: 'root root' } : {}),
    ...{ KONG_PROXY_ACCESS_LOG: 'off', KONG_LOG_LEVEL: 'error' },
    KONG_PLUGINS: ['bundled', 'mcp-guard', ...servers.map(({ plugin }) => plugin.name)].join(','),
    KONG_LUA_PACKAGE_PATH: `${path.join(packageFolder, 'lua')}/?.lua;;`,
    KONG_PLUGINSERVER_NAMES: servers.map(({ route }) => route).join(','),
    ...Object.fromEntries(
      servers.flatMap(({ route, plugin }) => [
        [`KONG_PLUGINSERVER_${route.toUpperCase()}_SOCKET`, plugin.socket],
        [`KONG_PLUGINSERVER_${route.toUpperCase()}_QUERY_CMD`, queryCommand(route)],
      ]),
    ),
  };
};

const queryCommand = (route: string): string =>
  pluginServerCommand(route === 'everything' ? 'everything' : 'nothing', '/').queryCommand.join(' ');
