import { LuaError, PhaseExit } from '../shared/errors.ts';
import { kongJson } from '../shared/kong-json.ts';
import { fromWireText, isLuaString, isLuaTable, toBytes, toLuaString, type LuaData } from '../shared/lua-data.ts';
import type { RequestState } from '../proxy/request-state.ts';
import { errorBody, httpErrorMessage } from '../proxy/error-body.ts';
import { sendResponse } from '../proxy/send-response.ts';
import {
  headerBodyLog,
  headerTable,
  headerValues,
  inPhases,
  optionalNumber,
  requireBytes,
  requireString,
  rewriteAccessHeader,
  toMultiMap,
  type PdkModule,
} from './pdk-function.ts';

const reading = (call: PdkModule[string]): PdkModule[string] => inPhases(headerBodyLog, call);

/** Setters also refuse once the headers are on the wire. */
const writing = (call: PdkModule[string]): PdkModule[string] =>
  inPhases(rewriteAccessHeader, (request, ...parameters) => {
    if (request.areHeadersSent) throw new LuaError('headers have already been sent');
    return call(request, ...parameters);
  });

const isTransferEncoding = (name: string): boolean => name.toLowerCase().replaceAll('_', '-') === 'transfer-encoding';

/** `ngx.header[name]`: underscores in a response header become dashes. */
export const responseName = (name: string): string => name.replaceAll('_', '-');

export const setHeader = (request: RequestState, name: string, values: readonly string[]): void => {
  if (!isTransferEncoding(name)) request.responseHeaders.set(responseName(name), values);
};

/** `kong.response`. */
export const responseModule: PdkModule = {
  get_status: reading((request) => request.status),
  get_header: reading((request, name) => {
    const value = request.responseHeaders.first(requireString(name, 'header name').replaceAll('_', '-'));
    return value === undefined ? undefined : fromWireText(value);
  }),
  get_headers: reading((request, limit) =>
    toMultiMap(request.responseHeaders, optionalNumber(limit, [1, 1_000], 'max_headers') ?? 100),
  ),
  get_source: reading((request) => request.source),
  set_status: writing((request, status) => {
    request.status = requireStatus(status, 100);
    return undefined;
  }),
  set_header: writing((request, name, value) => {
    setHeader(request, ...headerValues(name, value));
    return undefined;
  }),
  add_header: writing((request, name, value) => {
    const [header, values] = headerValues(name, value);
    for (const item of values) request.responseHeaders.append(responseName(header), item);
    return undefined;
  }),
  clear_header: writing((request, name) => {
    request.responseHeaders.delete(responseName(requireString(name, 'header name')));
    return undefined;
  }),
  set_headers: writing((request, headers) => {
    for (const [name, values] of headerTable(headers)) setHeader(request, name, values);
    return undefined;
  }),
  get_raw_body: inPhases(['body_filter'], (request) => gatherBody(request)),
  set_raw_body: inPhases(['body_filter'], (request, body) => {
    const bytes = requireBytes(body, 'body');
    request.chunk = { data: bytes.length === 0 ? Buffer.from('\n') : bytes, isLast: true };
    request.bodyBuffer = undefined;
    return undefined;
  }),
  exit: writing((request, status, body, headers) => {
    const code = requireStatus(status, 100);
    if (body !== undefined && body !== null && !isLuaString(body) && !isLuaTable(body))
      throw new LuaError('body must be a nil, string or table');
    const lines = headers === undefined || headers === null ? [] : headerTable(headers);
    return finish(request, code, body, lines);
  }),
  error: writing((request, status, message, headers) => {
    const code = requireStatus(status, 400);
    const lines = headers === undefined || headers === null ? [] : headerTable(headers);
    const text = message === undefined || message === null ? httpErrorMessage(code) : errorText(message);
    const { type, body } = errorBody(text, { accept: request.headers.get('accept').join(','), requestId: request.id });
    return finish(request, code, body, [...lines, ['Content-Type', [type]]]);
  }),
};

const requireStatus = (status: LuaData, minimum: number): number => {
  if (typeof status !== 'number') throw new LuaError('code must be a number');
  if (status < minimum || status > 599) throw new LuaError(`code must be a number between ${minimum} and 599`);
  return status;
};

const errorText = (message: LuaData): string => {
  if (typeof message === 'string') return message;
  if (isLuaTable(message)) return kongJson(message);
  throw new LuaError('message must be a nil, a string or a table');
};

/** In access the response waits until all plugins are collected; elsewhere it goes out at once. Either way the phase is over. */
const finish = (
  request: RequestState,
  status: number,
  body: LuaData,
  headers: readonly (readonly [string, readonly string[]])[],
): undefined => {
  request.hasExited = true;
  const response = prepare(status, body, headers);
  if (request.mayDelay && request.delayed === undefined) {
    request.delayed = response;
    throw new PhaseExit();
  }
  sendResponse(request, response);
  // A header filter cannot be left early on nginx.
  if (request.phase === 'header_filter') return undefined;
  throw new PhaseExit();
};

const prepare = (
  status: number,
  body: LuaData,
  headers: readonly (readonly [string, readonly string[]])[],
): NonNullable<RequestState['delayed']> => {
  const hasType = headers.some(([name]) => responseName(name).toLowerCase() === 'content-type');
  if (!isLuaTable(body)) return { status, headers, body: isLuaString(body) ? toBytes(body) : undefined };
  const type: readonly [string, readonly string[]] = ['Content-Type', ['application/json; charset=utf-8']];
  return { status, headers: hasType ? headers : [...headers, type], body: kongJson(body) };
};

/** Holds every chunk back until the last one comes. */
const gatherBody = (request: RequestState): LuaData => {
  const { chunk } = request;
  if (chunk.isLast && request.bodyBuffer === undefined) return toLuaString(chunk.data);
  if (chunk.data.length > 0) (request.bodyBuffer ??= []).push(chunk.data);
  if (!chunk.isLast) {
    request.chunk = { data: new Uint8Array(), isLast: false };
    return undefined;
  }
  const all = Buffer.concat(request.bodyBuffer ?? []);
  request.chunk = { data: all, isLast: true };
  request.bodyBuffer = undefined;
  return toLuaString(all);
};
