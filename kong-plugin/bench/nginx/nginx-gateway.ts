import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { KongClient } from '../../src/plugin-server/testing/kong-client.ts';
import { freePort } from '../free-port.ts';
import {
  cpuMicrosecondsOf,
  listening,
  workerOf,
  type LoadOptions,
  type MeasuredGateway,
  type MeasuredPlugin,
} from '../gateway-process.ts';
import { runWrk, type WrkResult } from '../wrk.ts';
import { loadLua, luaPaths, runNginx, startUpstream, wrk } from './nginx.ts';

export interface GatewayOptions {
  readonly prefix: string;
  /** By the name of their route; undefined: key-auth alone. */
  readonly plugins: Readonly<Record<string, (MeasuredPlugin & { readonly name: string }) | undefined>>;
}

/** nginx with LuaJIT around the guard and the plugin server: one worker, and a second nginx that answers at once. */
export class NginxGateway implements MeasuredGateway {
  readonly name = "nginx with LuaJIT (not Kong: key-auth, the plugin server's protocol, mcp-guard)";

  private constructor(
    private readonly children: readonly ChildProcess[],
    private readonly worker: number,
    private readonly port: number,
    private readonly folder: string,
  ) {}

  static async start({ prefix, plugins }: GatewayOptions): Promise<NginxGateway> {
    const port = await freePort();
    const upstream = await startUpstream(prefix);
    const started = await Promise.all(
      Object.entries(plugins).map(async ([name, plugin]) => [name, plugin && (await introduce(plugin))] as const),
    );
    const http = gatewayConfig({ port, upstreamPort: upstream.port, plugins: Object.fromEntries(started) });
    const gateway = runNginx('gateway', { prefix, http: `${luaPaths()}\n${http}`, main: loadLua });
    await listening(port).catch((error: unknown) => {
      for (const child of [gateway, upstream.process]) child.kill('SIGTERM');
      throw error;
    });
    const children = [gateway, upstream.process];
    return new NginxGateway(children, workerOf(gateway.pid ?? 0), port, path.join(prefix, 'gateway'));
  }

  cpuMicroseconds(): number {
    return cpuMicrosecondsOf(this.worker);
  }

  load(route: string, options: LoadOptions): Promise<WrkResult> {
    const errorLog = (): string => readFileSync(path.join(this.folder, 'error.log'), 'utf8');
    return runWrk(wrk, { ...options, url: `http://127.0.0.1:${this.port}/${route}`, errorLog });
  }

  stop(): Promise<void> {
    for (const child of this.children) child.kill('SIGTERM');
    return Promise.resolve();
  }
}

/** A plugin whose instance is running. */
interface NginxPlugin {
  readonly socket: string;
  readonly instance: number;
  readonly guarded: boolean;
}

const PLUGIN_ID = '00000000-0000-4000-8000-000000000001';

/** Starts the instance, as Kong does at the first request. */
const introduce = async ({ name, socket, config, guarded }: MeasuredPlugin & { readonly name: string }) => {
  const client = await KongClient.connect(socket);
  const instance = await client.startInstance({
    name,
    config: { ...config, service_id: 'service-1', __plugin_id: PLUGIN_ID },
  });
  client.close();
  return { socket, instance, guarded };
};

interface GatewayConfig {
  readonly plugins: Readonly<Record<string, NginxPlugin | undefined>>;
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
      : `{ socket = "${plugin.socket}", instance = ${plugin.instance}, guarded = ${plugin.guarded}, id = "${PLUGIN_ID}" }`;
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
