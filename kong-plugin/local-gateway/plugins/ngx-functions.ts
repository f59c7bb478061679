import { createHash } from 'node:crypto';
import type { HostFunction, HostTable } from '../lua/lua-vm.ts';
import { DEFAULT_MAX_HEADERS } from '../pdk/request-module.ts';
import { toMultiMap, type PdkFunction } from '../pdk/pdk-function.ts';
import { decodeArguments } from '../pdk/query-arguments.ts';
import { toBytes, type LuaData } from '../shared/lua-data.ts';

const levels = { STDERR: 0, EMERG: 1, ALERT: 2, CRIT: 3, ERR: 4, WARN: 5, NOTICE: 6, INFO: 7, DEBUG: 8 } as const;

const bytesOf = (value: LuaData): Uint8Array =>
  typeof value === 'string' || value instanceof Uint8Array ? toBytes(value) : new Uint8Array();

/** The part of OpenResty's `ngx` that depends on the request, and a few constants. */
export const ngxRequestFunctions = (
  host: (call: PdkFunction) => HostFunction,
  log: (line: string) => void,
): HostTable => ({
  ...levels,
  OK: 0,
  ERROR: -1,
  HTTP_OK: 200,
  time: () => Math.floor(Date.now() / 1_000),
  get_phase: host((request) => (request.phase === 'response' ? 'access' : request.phase)),
  md5: (value) =>
    createHash('md5')
      .update(bytesOf(value as LuaData))
      .digest('hex'),
  log: (level, ...parts) => {
    if (typeof level === 'number' && level <= levels.NOTICE) log(parts.map((part) => String(part as string)).join(''));
    return undefined;
  },
  config: { subsystem: 'http' },
  req: {
    start_time: host((request) => request.timings.start / 1_000),
    get_method: host((request) => request.method),
    http_version: host((request) => Number(request.incoming.httpVersion)),
    get_headers: host((request, limit) =>
      toMultiMap(request.headers, typeof limit === 'number' ? limit : DEFAULT_MAX_HEADERS),
    ),
    get_uri_args: host((request) => decodeArguments(request.query ?? '')),
    get_body_data: host((request) => (request.isBodyInFile ? undefined : request.body)),
    read_body: () => undefined,
  },
  resp: {
    get_headers: host((request, limit) =>
      toMultiMap(request.responseHeaders, typeof limit === 'number' ? limit : DEFAULT_MAX_HEADERS),
    ),
  },
});
