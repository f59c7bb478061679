import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { kongSettings, nginxMasterOf } from '../../demo/kong-settings.ts';
import { freePort } from '../free-port.ts';
import { cpuMicrosecondsOf, listening, workerOf, type LoadOptions, type MeasuredGateway } from '../gateway-process.ts';
import type { GatewayOptions } from '../nginx/nginx-gateway.ts';
import { startUpstream, wrk } from '../nginx/nginx.ts';
import { pluginServerCommand } from '../plugin-server-process.ts';
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
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const master = nginxMasterOf(folder);
    if (master !== undefined) return master;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Kong in ${folder} does not say which process it is`);
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

/** Of one worker that logs little; the plugin servers are running. */
const environment = ({ folder, declarative, port, plugins }: Settings): Readonly<Record<string, string>> => ({
  ...kongSettings({
    ...{ prefix: folder, declarativeFile: declarative, proxyPort: port },
    pluginServers: Object.entries(plugins).flatMap(([route, plugin]) =>
      plugin === undefined
        ? []
        : [{ name: route, plugin: plugin.name, socket: plugin.socket, queryCommand: queryCommand(route) }],
    ),
  }),
  KONG_NGINX_WORKER_PROCESSES: '1',
  KONG_PROXY_ACCESS_LOG: 'off',
  KONG_LOG_LEVEL: 'error',
});

const queryCommand = (route: string): string =>
  pluginServerCommand(route === 'everything' ? 'everything' : 'nothing', '/').queryCommand.join(' ');
