import { escapePath } from '../router/normalize-path.ts';
import { LuaError } from '../shared/errors.ts';
import { isLuaTable, toWireText } from '../shared/lua-data.ts';
import type { RequestState } from '../proxy/request-state.ts';
import { encodeArguments } from './query-arguments.ts';
import {
  accessAndRewrite,
  headerTable,
  headerValues,
  inPhases,
  requireBytes,
  requireString,
  type PdkModule,
} from './pdk-function.ts';

const methods = new Set(
  'GET HEAD PUT POST DELETE OPTIONS MKCOL COPY MOVE PROPFIND PROPPATCH LOCK UNLOCK PATCH TRACE'.split(' '),
);

const early = (call: PdkModule[string]): PdkModule[string] => inPhases(accessAndRewrite, call);

const setHeader = (request: RequestState, name: string, values: readonly string[]): void => {
  if (name.toLowerCase() === 'host') request.upstreamHost = values[0];
  request.headers.set(name, values);
};

/** `kong.service.request`. */
export const serviceRequestModule: PdkModule = {
  enable_buffering: early((request) => {
    request.isBuffered = true;
    return undefined;
  }),
  set_scheme: early((request, scheme) => {
    const text = requireString(scheme, 'scheme');
    if (text !== 'http' && text !== 'https') throw new LuaError(`invalid scheme: ${text}`);
    request.upstreamScheme = text;
    return undefined;
  }),
  set_path: early((request, path) => {
    const text = toWireText(requireString(path, 'path'));
    if (!text.startsWith('/')) throw new LuaError('path must start with /');
    request.upstreamPath = escapePath(text);
    return undefined;
  }),
  set_raw_query: early((request, query) => {
    request.query = toWireText(requireString(query, 'query'));
    return undefined;
  }),
  set_query: early((request, table) => {
    if (!isLuaTable(table)) throw new LuaError('args must be a table');
    request.query = encodeArguments(table);
    return undefined;
  }),
  clear_query_arg: early((request, name) => {
    request.query = withoutArgument(request.query, requireString(name, 'query argument name'));
    return undefined;
  }),
  set_method: early((request, method) => {
    const text = requireString(method, 'method');
    if (!methods.has(text)) throw new LuaError(`invalid method: ${text}`);
    request.method = text;
    return undefined;
  }),
  set_header: early((request, name, value) => {
    setHeader(request, ...headerValues(name, value));
    return undefined;
  }),
  add_header: early((request, name, value) => {
    const [header, values] = headerValues(name, value);
    setHeader(request, header, [...request.headers.get(header), ...values]);
    return undefined;
  }),
  clear_header: early((request, name) => {
    request.headers.delete(requireString(name, 'header'));
    return undefined;
  }),
  set_headers: early((request, headers) => {
    for (const [name, values] of headerTable(headers)) setHeader(request, name, values);
    return undefined;
  }),
  set_raw_body: early((request, body) => {
    request.body = requireBytes(body, 'body');
    request.isBodyInFile = false;
    return undefined;
  }),
};

export const withoutArgument = (query: string | undefined, name: string): string | undefined =>
  query
    ?.split('&')
    .filter((part) => decodeURIComponentSafely(part.split('=')[0] ?? '') !== name)
    .join('&');

const decodeURIComponentSafely = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};
