import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { freePort } from '../free-port.ts';
import { packageFolder } from '../plugin-server-process.ts';

/** A plugin of a plugin server, as one location of the gateway runs it. */
export interface NginxPlugin {
  readonly socket: string;
  readonly instance: number;
  readonly guarded: boolean;
}

export interface NginxOptions {
  readonly prefix: string;
  /** By the name of their location; undefined: key-auth alone. */
  readonly plugins: Readonly<Record<string, NginxPlugin | undefined>>;
}

/**
 * Where nginx, its lua module and their libraries lie: `/`, or a folder into which the Debian packages were unpacked, for
 * machines whose `luajit` excludes the module's own.
 */
const root = process.env.BENCH_NGINX_ROOT ?? '/';
const inRoot = (...parts: readonly string[]): string => path.join(root, ...parts);
const nginx = inRoot('usr/sbin/nginx');
const modules = inRoot('usr/lib/nginx/modules');
const luaFiles = inRoot('usr/share/lua/5.1');
const wrk = inRoot('usr/bin/wrk');

/** What is missing for this measurement; undefined when nothing is. */
export const missingForNginx = (): string | undefined => {
  const needed = {
    nginx,
    'libnginx-mod-http-lua': path.join(modules, 'ngx_http_lua_module.so'),
    'lua-messagepack': path.join(luaFiles, 'MessagePack.lua'),
    wrk,
  };
  const missing = Object.entries(needed).filter(([, file]) => !existsSync(file));
  if (missing.length > 0) return `${missing.map(([name]) => name).join(', ')} not found`;
  return libraries().some((folder) => existsSync(path.join(folder, 'lua/5.1/cjson.so')))
    ? undefined
    : 'lua-cjson not found';
};

const libraries = (): readonly string[] =>
  readdirSync(inRoot('usr/lib'), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name.includes('-linux-') ? [inRoot('usr/lib', entry.name)] : [],
  );

const environment = (): NodeJS.ProcessEnv =>
  root === '/' ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries().join(':') };

/** nginx with LuaJIT around the guard and the plugin server: one worker, and a second nginx that answers at once. */
export class NginxGateway {
  private constructor(
    private readonly children: readonly ChildProcess[],
    private readonly worker: number,
    private readonly port: number,
    private readonly folder: string,
  ) {}

  static async start({ prefix, plugins }: NginxOptions): Promise<NginxGateway> {
    const [port, upstreamPort] = [await freePort(), await freePort()];
    const gateway = run('gateway', { prefix, http: gatewayConfig({ port, upstreamPort, plugins }) });
    const upstream = run('upstream', { prefix, http: upstreamConfig(upstreamPort) });
    await Promise.all([listening(port), listening(upstreamPort)]).catch((error: unknown) => {
      for (const child of [gateway, upstream]) child.kill('SIGTERM');
      throw error;
    });
    return new NginxGateway([gateway, upstream], workerOf(gateway), port, path.join(prefix, 'gateway'));
  }

  /** Microseconds of CPU that the gateway's worker has used, in steps of the kernel's clock tick (10 ms). */
  cpuMicroseconds(): number {
    const fields = readFileSync(`/proc/${this.worker}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  }

  /** wrk from one thread, keep-alive; microseconds and requests per second. */
  async load(location: string, options: LoadOptions): Promise<WrkResult> {
    const { script, seconds, connections } = options;
    const child = spawn(
      wrk,
      [
        ...['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, '--latency'],
        ...['--script', script, `http://127.0.0.1:${this.port}/${location}`],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    return readWrk(text, this.folder);
  }

  stop(): void {
    for (const child of this.children) child.kill('SIGTERM');
  }
}

export interface LoadOptions {
  readonly script: string;
  readonly seconds: number;
  readonly connections: number;
}

export interface WrkResult {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

const readWrk = (text: string, folder: string): WrkResult => {
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const time = (share: string): number => {
    const [, value = '', unit = ''] = new RegExp(`${share}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? [];
    return Number(value) * ({ us: 1, ms: 1_000, s: 1_000_000 }[unit] ?? Number.NaN);
  };
  if (/Non-2xx|Socket errors/.test(text))
    throw new Error(
      `requests failed:\n${text}\n${readFileSync(path.join(folder, 'error.log'), 'utf8').slice(0, 2_000)}`,
    );
  return {
    requests: number(/(\d+) requests in/),
    p50: time('50'),
    p99: time('99'),
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
  };
};

const run = (name: string, { prefix, http }: { readonly prefix: string; readonly http: string }): ChildProcess => {
  const folder = path.join(prefix, name);
  mkdirSync(path.join(folder, 'temp'), { recursive: true });
  writeFileSync(path.join(folder, 'nginx.conf'), mainConfig(folder, http));
  return spawn(nginx, ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment(),
  });
};

const mainConfig = (folder: string, http: string): string => `
load_module ${path.join(modules, 'ndk_http_module.so')};
load_module ${path.join(modules, 'ngx_http_lua_module.so')};
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log error;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000;
  underscores_in_headers on;
  lua_package_path '${path.join(packageFolder, 'bench/nginx/?.lua')};${path.join(packageFolder, 'lua/?.lua')};${luaFiles}/?.lua;;';
  lua_package_cpath '${libraries()
    .map((folder) => path.join(folder, 'lua/5.1/?.so'))
    .join(';')};;';
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${path.join(folder, 'temp')};`).join('\n  ')}
  ${http}
}
`;

const upstreamConfig = (port: number): string => `
  server {
    listen 127.0.0.1:${port};
    default_type application/json;
    location / {
      content_by_lua_block {
        ngx.req.discard_body()
        ngx.print('{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"1 order found"}],"isError":false}}')
      }
    }
  }`;

interface GatewayConfig extends Pick<NginxOptions, 'plugins'> {
  readonly port: number;
  readonly upstreamPort: number;
}

const gatewayConfig = ({ port, upstreamPort, plugins }: GatewayConfig): string => `
  lua_socket_pool_size 64;
  init_worker_by_lua_block { gateway = require "gateway" }
  upstream server { server 127.0.0.1:${upstreamPort}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    set $kong_request_id $request_id;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    ${Object.entries(plugins).map(locationConfig).join('\n    ')}
  }`;

const locationConfig = ([name, plugin]: readonly [string, NginxPlugin | undefined]): string => {
  const argument =
    plugin === undefined
      ? 'nil'
      : `{ socket = "${plugin.socket}", instance = ${plugin.instance}, guarded = ${plugin.guarded} }`;
  const phase = (directive: string, handler: string): string =>
    `${directive} { local plugin = ${argument}; gateway.${handler}(plugin) }`;
  return `location /${name} {
      ${phase('access_by_lua_block', 'access')}
      ${phase('header_filter_by_lua_block', 'header_filter')}
      ${phase('body_filter_by_lua_block', 'body_filter')}
      ${phase('log_by_lua_block', 'log')}
      proxy_pass http://server;
    }`;
};

const workerOf = (master: ChildProcess): number => {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(master.pid)], { encoding: 'utf8' });
  return Number(stdout.trim().split('\n')[0]);
};

const listening = async (port: number): Promise<void> => {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const connected = await new Promise<boolean>((resolve) => {
      const probe = connect(port, '127.0.0.1');
      probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
      probe.once('connect', () => probe.destroy());
    });
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nginx does not listen at port ${port}`);
};
