import { normalizePath } from '../router/normalize-path.ts';
import { pathOf } from '../router/router.ts';
import { fromWireText, tableField, toLuaString, type LuaData } from '../shared/lua-data.ts';
import { decodeArguments } from './query-arguments.ts';
import {
  beforeContent,
  inPhases,
  nilAndError,
  optionalNumber,
  requestPhases,
  requireString,
  toMultiMap,
  type PdkModule,
} from './pdk-function.ts';
import { decodeBody } from './body.ts';
import { readRawBody } from './raw-body.ts';
import { requestHeader } from './request-header.ts';

/** nginx reads at most this many header lines unless told (`lua_max_req_headers`). */
export const DEFAULT_MAX_HEADERS = 100;

const any = (call: PdkModule[string]): PdkModule[string] => inPhases(requestPhases, call);

/** `kong.request`. */
export const requestModule: PdkModule = {
  get_scheme: any(() => 'http'),
  get_host: any((request) => request.host),
  get_port: (request) => request.localPort,
  get_forwarded_scheme: any(() => 'http'),
  get_forwarded_host: any((request) => request.host),
  get_forwarded_port: any((request) => request.localPort),
  get_forwarded_path: any((request) => fromWireText(normalizePath(pathOf(request.target)))),
  get_forwarded_prefix: any((request) => request.forwarded.find(([name]) => name === 'X-Forwarded-Prefix')?.[1]),
  get_http_version: any((request) => Number(request.incoming.httpVersion)),
  get_method: any((request) => request.method),
  get_path: any((request) => fromWireText(normalizePath(pathOf(request.target)))),
  get_raw_path: any((request) => fromWireText(pathOf(request.target))),
  get_path_with_query: any((request) => fromWireText(request.target)),
  get_raw_query: any((request) => fromWireText(request.query ?? '')),
  get_query: any((request, limit) =>
    decodeArguments(request.query ?? '', optionalNumber(limit, [1, 1_000], 'max_args')),
  ),
  get_query_arg: any((request, name) => {
    const value = tableField(decodeArguments(request.query ?? ''), requireString(name, 'query argument name'));
    return Array.isArray(value) ? (value as LuaData[])[0] : value;
  }),
  get_header: any((request, name) => {
    const value = requestHeader(request.headers, requireString(name, 'header name'));
    return value === undefined ? undefined : fromWireText(value);
  }),
  get_headers: any((request, limit) =>
    toMultiMap(request.headers, optionalNumber(limit, [1, 1_000], 'max_headers') ?? DEFAULT_MAX_HEADERS),
  ),
  get_raw_body: inPhases(beforeContent, (request, limit) => {
    const body = readRawBody(request, typeof limit === 'number' ? limit : undefined);
    return typeof body === 'string' ? nilAndError(body) : toLuaString(body);
  }),
  get_body: inPhases(beforeContent, (request, mimetype, _maxArguments, limit) => {
    const type = typeof mimetype === 'string' ? mimetype : requestHeader(request.headers, 'content-type');
    const body = readRawBody(request, typeof limit === 'number' ? limit : undefined);
    return typeof body === 'string' ? nilAndError(body) : decodeBody(body, type);
  }),
  get_start_time: any((request) => request.timings.start),
  get_uri_captures: any((request) => ({
    unnamed: request.match?.captures.unnamed ?? [],
    named: { ...request.match?.captures.named },
  })),
};
