import { fromWireText, type LuaData } from '../shared/lua-data.ts';
import type { RequestState } from '../proxy/request-state.ts';
import { requestHeader } from './request-header.ts';

const variables: Readonly<Record<string, (request: RequestState) => LuaData>> = {
  request_id: (request) => request.nginxRequestId,
  kong_request_id: (request) => request.id,
  // The request line as it came; `method` may have been changed by a plugin.
  request: ({ incoming, target }) => fromWireText(`${incoming.method ?? 'GET'} ${target} HTTP/${incoming.httpVersion}`),
  request_uri: (request) => fromWireText(request.target),
  request_method: (request) => request.method,
  uri: (request) => fromWireText(request.target.split('?')[0] ?? ''),
  args: (request) => (request.query === undefined ? undefined : fromWireText(request.query)),
  is_args: (request) => (request.query === undefined || request.query === '' ? '' : '?'),
  host: (request) => request.host,
  scheme: () => 'http',
  https: () => '',
  server_protocol: (request) => `HTTP/${request.incoming.httpVersion}`,
  server_port: (request) => String(request.localPort),
  remote_addr: (request) => request.clientAddress,
  realip_remote_addr: (request) => request.clientAddress,
  remote_port: (request) => String(request.clientPort),
  content_length: (request) => request.headers.first('content-length'),
  content_type: (request) => request.headers.first('content-type'),
  status: (request) => String(request.status),
  upstream_status: (request) => (request.upstreamStatus === undefined ? undefined : String(request.upstreamStatus)),
  upstream_uri: (request) => request.upstreamPath,
  upstream_scheme: (request) => request.upstreamScheme,
  upstream_host: (request) => request.upstreamHost,
  upstream_upgrade: (request) => (request.isWebSocketUpgrade ? 'websocket' : ''),
  bytes_sent: (request) => String(request.sentBytes),
  request_length: (request) => String(request.incoming.rawHeaders.join('').length + request.body.length),
  request_time: (request) => String((Date.now() - request.timings.start) / 1_000),
  msec: () => String(Date.now() / 1_000),
};

/** `ngx.var[name]`: the variables that a plugin is likely to read; nil for others, as for one that is not set. */
export const nginxVariable = (request: RequestState, name: string): LuaData => {
  const known = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (known !== undefined) return known(request);
  if (name.startsWith('http_')) return wire(requestHeader(request.headers, name.slice('http_'.length)));
  if (name.startsWith('upstream_http_'))
    return wire(request.upstreamHeaders?.first(name.slice('upstream_http_'.length).replaceAll('_', '-')));
  return name.startsWith('cookie_') ? cookie(request, name.slice('cookie_'.length)) : undefined;
};

const wire = (text: string | undefined): LuaData => (text === undefined ? undefined : fromWireText(text));

export const cookie = (request: RequestState, name: string): string | undefined =>
  request.headers
    .get('cookie')
    .flatMap((line) => line.split(';'))
    .map((pair) => pair.trim())
    .find((pair) => pair.toLowerCase().startsWith(`${name.toLowerCase()}=`))
    ?.slice(name.length + 1);
