import { kongJson } from '../shared/kong-json.ts';
import { LuaError } from '../shared/errors.ts';
import type { LuaData } from '../shared/lua-data.ts';
import { exposedFunctions, findPdkFunction, type Pdk } from '../pdk/pdk.ts';
import { Many, type PdkFunction } from '../pdk/pdk-function.ts';
import type { RequestState } from '../proxy/request-state.ts';
import { serializeRequest } from '../pdk/serialize.ts';
import type { PdkCaller } from './plugin-events.ts';

/** Functions of `kong.mcp_guard` and the like, which Lua plugins defined below `kong`. */
export type LuaPath = (request: RequestState, path: string, parameters: readonly LuaData[]) => LuaData;

export interface PdkCallerOptions {
  readonly pdk: Pdk;
  readonly luaPath: LuaPath;
  readonly log: (line: string) => void;
}

const firstOf = (result: LuaData | Many): LuaData => (result instanceof Many ? result.values[0] : result);

/** PDK calls of a plugin server while the request is there. */
export const requestCaller =
  (request: RequestState, options: PdkCallerOptions): PdkCaller =>
  (method, parameters) => {
    if (method === 'kong.log.serialize')
      return kongJson(firstOf(call(findPdkFunction(options.pdk, method), request, parameters)));
    const known = exposedFunction(method) ?? findPdkFunction(options.pdk, method);
    if (known !== undefined) return firstOf(known(request, ...parameters));
    return unknownMethod(request, method, parameters, options);
  };

const exposedFunction = (method: string): PdkFunction | undefined =>
  Object.hasOwn(exposedFunctions, method) ? exposedFunctions[method] : undefined;

const call = (known: PdkFunction | undefined, request: RequestState, parameters: readonly LuaData[]): LuaData | Many =>
  known?.(request, ...parameters);

/** Kong looks any path below `kong` up; one that leads nowhere is answered like nil. */
const unknownMethod = (
  request: RequestState,
  method: string,
  parameters: readonly LuaData[],
  options: PdkCallerOptions,
): LuaData => {
  if (!/^kong\.[a-z_]+(\.[a-z_]+)+$/.test(method)) {
    options.log(`[err] could not find pdk method: ${method}`);
    return undefined;
  }
  return options.luaPath(request, method, parameters);
};

/** These read only what Kong saved of the request, or what survives in `ngx.ctx`. */
const safeInTimer = new Set([
  'kong.client.get_consumer',
  'kong.client.get_credential',
  'kong.client.get_consumer_groups',
  'kong.client.load_consumer',
  'kong.router.get_route',
  'kong.router.get_service',
  'kong.request.get_header',
  'kong.request.get_headers',
  'kong.request.get_start_time',
  'kong.request.get_uri_captures',
  'kong.response.get_status',
  'kong.response.get_header',
  'kong.response.get_headers',
  'kong.response.get_source',
  'kong.plugin.get_id',
  'kong.nginx.get_ctx',
  'kong.nginx.set_ctx',
  'kong.nginx.req_start_time',
  'kong.ctx.shared.get',
  'kong.ctx.shared.set',
  'kong.nginx.get_subsystem',
]);

const needsBuffering = new Set([
  'kong.service.response.get_status',
  'kong.service.response.get_header',
  'kong.service.response.get_headers',
]);

/**
 * PDK calls of the log phase, which Kong runs in a timer with saved data (runloop/plugin_servers/plugin.lua). Everything
 * that asks nginx about the request is a Lua error there, and the plugin server is never answered.
 */
export const timerCaller = (request: RequestState, options: PdkCallerOptions): PdkCaller => {
  const serialized = kongJson(serializeRequest(request));
  const direct = requestCaller(request, options);
  return (method, parameters) => {
    if (method === 'kong.log.serialize') return serialized;
    if (isUnavailable(method, request)) throw new LuaError(`API disabled in the context of ngx.timer: ${method}`);
    return direct(method, parameters);
  };
};

const isUnavailable = (method: string, request: RequestState): boolean => {
  if (safeInTimer.has(method) || /^kong\.(log|node)\./.test(method)) return false;
  if (needsBuffering.has(method)) return request.bufferedBody === undefined;
  // A path that Kong does not know is answered like nil in every phase.
  return (
    /^kong\.(request|client|nginx|service|response|router)\./.test(method) &&
    method !== 'kong.service.response.get_raw_body'
  );
};
