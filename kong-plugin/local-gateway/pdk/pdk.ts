import { hostname } from 'node:os';
import { LuaError } from '../shared/errors.ts';
import type { LuaData } from '../shared/lua-data.ts';
import { clientModule, type ConsumerLookup } from './client-module.ts';
import { logModule } from './log-module.ts';
import { requireString, type PdkFunction, type PdkModule } from './pdk-function.ts';
import { nginxVariable } from './nginx-variables.ts';
import { requestModule } from './request-module.ts';
import { responseModule } from './response-module.ts';
import { routerModule } from './router-module.ts';
import { serviceRequestModule } from './service-request-module.ts';
import { serviceResponseModule } from './service-response-module.ts';

export const KONG_VERSION = '3.9.1';

export interface PdkOptions {
  readonly nodeId: string;
  readonly log: (line: string) => void;
  readonly lookup: () => ConsumerLookup;
}

/** Every PDK module by its path below `kong`. The socket and the Lua plugins call the same functions. */
export type Pdk = Readonly<Record<string, PdkModule>>;

export const createPdk = (options: PdkOptions): Pdk => ({
  client: clientModule(options.lookup),
  log: logModule(options.log),
  node: {
    get_id: () => options.nodeId,
    get_hostname: () => hostname(),
    get_memory_stats: () => ({ lua_shared_dicts: {}, workers_lua_vms: [] }),
  },
  plugin: { get_id: (request) => request.pluginId },
  request: requestModule,
  response: responseModule,
  router: routerModule,
  'service.request': serviceRequestModule,
  'service.response': serviceResponseModule,
  ip: { is_trusted: () => false },
  nginx: { get_subsystem: () => 'http' },
});

/**
 * Functions that only a plugin server can call (kong/runloop/plugin_servers/plugin.lua, `exposed_api`).
 */
export const exposedFunctions: PdkModule = {
  'kong.nginx.get_var': (request, name) => nginxVariable(request, requireString(name, 'variable name')),
  'kong.nginx.get_tls1_version_str': () => undefined,
  'kong.nginx.get_ctx': (request, key) => request.tables.context.get(tableKey(key)),
  'kong.nginx.set_ctx': (request, key, value) => {
    request.tables.context.set(tableKey(key), value);
    return undefined;
  },
  'kong.ctx.shared.get': (request, key) => request.tables.shared.get(tableKey(key)),
  'kong.ctx.shared.set': (request, key, value) => {
    request.tables.shared.set(tableKey(key), value);
    return undefined;
  },
  'kong.nginx.req_start_time': (request) => request.timings.start / 1_000,
};

const tableKey = (key: LuaData): string | number => {
  if (typeof key === 'string' || typeof key === 'number') return key;
  if (key instanceof Uint8Array) return Buffer.from(key).toString('latin1');
  throw new LuaError('table index is nil');
};

/** `kong.service.request.set_header` and the like. */
export const findPdkFunction = (pdk: Pdk, path: string): PdkFunction | undefined => {
  const match = /^kong\.((?:[a-z_]+\.)*[a-z_]+)\.([a-z_]+)$/.exec(path);
  const module = match?.[1] === undefined || !Object.hasOwn(pdk, match[1]) ? undefined : pdk[match[1]];
  const name = match?.[2];
  return module === undefined || name === undefined || !Object.hasOwn(module, name) ? undefined : module[name];
};
