import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../free-port.ts';
import { listening } from '../gateway-process.ts';
import { packageFolder } from '../plugin-server-process.ts';

/**
 * Where nginx, its lua module and their libraries lie: `/`, or a folder into which the Debian packages were unpacked, for
 * machines whose `luajit` excludes the module's own.
 */
const root = process.env.BENCH_NGINX_ROOT ?? '/';
const inRoot = (...parts: readonly string[]): string => path.join(root, ...parts);
const nginx = inRoot('usr/sbin/nginx');
const modules = inRoot('usr/lib/nginx/modules');
const luaFiles = inRoot('usr/share/lua/5.1');
export const wrk = inRoot('usr/bin/wrk');

/** What is missing to load a gateway; undefined when nothing is. */
export const missingForLoad = (): string | undefined => missingOf({ nginx, wrk });

/** What is missing for nginx itself as the gateway. */
export const missingForNginx = (): string | undefined =>
  missingOf({
    'libnginx-mod-http-lua': path.join(modules, 'ngx_http_lua_module.so'),
    'lua-messagepack': path.join(luaFiles, 'MessagePack.lua'),
    'lua-cjson':
      libraries()
        .map((folder) => path.join(folder, 'lua/5.1/cjson.so'))
        .find((file) => existsSync(file)) ?? '',
  });

const missingOf = (needed: Readonly<Record<string, string>>): string | undefined => {
  const missing = Object.entries(needed).filter(([, file]) => !existsSync(file));
  return missing.length > 0 ? `${missing.map(([name]) => name).join(', ')} not found` : undefined;
};

const libraries = (): readonly string[] =>
  readdirSync(inRoot('usr/lib'), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name.includes('-linux-') ? [inRoot('usr/lib', entry.name)] : [],
  );

const environment = (): NodeJS.ProcessEnv =>
  root === '/' ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries().join(':') };

interface NginxOptions {
  readonly prefix: string;
  readonly http: string;
  /** Before `http`: modules. */
  readonly main?: string;
}

/** Starts an nginx with its files below `prefix`. */
export const runNginx = (name: string, { prefix, http, main = '' }: NginxOptions): ChildProcess => {
  const folder = path.join(prefix, name);
  mkdirSync(path.join(folder, 'temp'), { recursive: true });
  writeFileSync(path.join(folder, 'nginx.conf'), mainConfig(folder, { http, main }));
  return spawn(nginx, ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment(),
  });
};

export const loadLua = `
load_module ${path.join(modules, 'ndk_http_module.so')};
load_module ${path.join(modules, 'ngx_http_lua_module.so')};
`;

/** Directives of `http` for the guard and the modules that Kong brings. */
export const luaPaths = (): string => `
  lua_package_path '${path.join(packageFolder, 'bench/nginx/?.lua')};${path.join(packageFolder, 'lua/?.lua')};${luaFiles}/?.lua;;';
  lua_package_cpath '${libraries()
    .map((folder) => path.join(folder, 'lua/5.1/?.so'))
    .join(';')};;';`;

const mainConfig = (folder: string, { http, main }: Pick<NginxOptions, 'http'> & { readonly main: string }): string => `
${main}
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
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${path.join(folder, 'temp')};`).join('\n  ')}
  ${http}
}
`;

const upstreamConfig = (port: number): string => `
  server {
    listen 127.0.0.1:${port};
    default_type application/json;
    location / {
      return 200 '{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"1 order found"}],"isError":false}}';
    }
  }`;

/** An nginx that answers every tool call at once. */
export const startUpstream = async (
  prefix: string,
): Promise<{ readonly port: number; readonly process: ChildProcess }> => {
  const port = await freePort();
  const upstream = runNginx('upstream', { prefix, http: upstreamConfig(port) });
  await listening(port);
  return { port, process: upstream };
};
