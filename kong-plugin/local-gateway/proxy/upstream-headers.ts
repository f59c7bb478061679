import { KONG_VERSION } from '../pdk/pdk.ts';
import { toWireText } from '../shared/lua-data.ts';
import { pathOf } from '../router/router.ts';
import { HeaderList } from './header-list.ts';
import type { RequestState } from './request-state.ts';

export const SERVER_NAME = `kong/${KONG_VERSION}`;

/** Set by the gateway or about one connection only: never copied from the client's request. */
const ownHeaders = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'expect',
  'upgrade',
  'te',
  'via',
  'proxy',
  'proxy-connection',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-kong-request-id',
]);

/** `X-Forwarded-*` and `Via` as Kong computes them before any plugin runs (kong/runloop/handler.lua). */
export const forwardedHeaders = (request: RequestState): readonly (readonly [string, string])[] => {
  const before = request.headers.get('x-forwarded-for').join(', ');
  const via = request.headers.get('via').join(', ');
  const own = `${request.incoming.httpVersion} ${SERVER_NAME}`;
  const prefix = request.match?.prefix;
  return [
    ['Via', via === '' ? own : `${via}, ${own}`],
    ['X-Forwarded-For', before === '' ? request.clientAddress : `${before}, ${request.clientAddress}`],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Host', request.host],
    ['X-Forwarded-Port', String(request.localPort)],
    ['X-Forwarded-Path', pathOf(request.target)],
    ...(prefix === undefined || prefix === '/' ? [] : [['X-Forwarded-Prefix', prefix] as const]),
    ['X-Real-IP', request.clientAddress],
    ['X-Kong-Request-Id', request.id],
  ];
};

/** The headers that go to the upstream, after the plugins have changed them. */
export const upstreamHeaders = (request: RequestState): HeaderList => {
  const list = new HeaderList();
  list.append('Host', upstreamHost(request));
  list.append('Connection', request.isWebSocketUpgrade ? 'keep-alive, Upgrade' : 'keep-alive');
  if (request.isWebSocketUpgrade) list.append('Upgrade', 'websocket');
  for (const [name, value] of request.forwarded) list.append(name, value);
  if (acceptsTrailers(request)) list.append('TE', 'trailers');
  if (request.body.length > 0 || announcesBody(request)) list.append('Content-Length', String(request.body.length));
  const dropped = new Set([...ownHeaders, ...connectionHeaders(request.headers)]);
  for (const { name, value } of request.headers.entries())
    if (!dropped.has(name.toLowerCase())) list.append(name, value);
  return list;
};

const upstreamHost = (request: RequestState): string => {
  if (request.upstreamHost !== undefined) return toWireText(request.upstreamHost);
  const { service } = request;
  if (service === undefined) return '';
  const standard = request.upstreamScheme === 'https' ? 443 : 80;
  return service.port === standard ? service.host : `${service.host}:${service.port}`;
};

const announcesBody = (request: RequestState): boolean =>
  request.headers.has('content-length') || request.headers.has('transfer-encoding');

const acceptsTrailers = (request: RequestState): boolean =>
  request.headers.get('te').some((value) => value.split(',').some((item) => item.trim().toLowerCase() === 'trailers'));

/** Headers that a `Connection` header names. */
export const connectionHeaders = (headers: HeaderList): readonly string[] =>
  headers
    .get('connection')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => !['', 'close', 'keep-alive', 'upgrade'].includes(name));
