import { DEFAULT_WORKSPACE_ID } from '../declarative-config/entities.ts';
import { LuaError } from '../shared/errors.ts';
import type { LuaData } from '../shared/lua-data.ts';
import type { HeaderList } from '../proxy/header-list.ts';
import type { RequestState } from '../proxy/request-state.ts';
import { toTable } from './client-module.ts';
import { decodeArguments } from './query-arguments.ts';
import { Many, toMultiMap } from './pdk-function.ts';

/** What Kong's log plugins see (`kong.log.serialize`). Credentials in other headers than Authorization are in clear there too. */
export const serializeRequest = (request: RequestState): LuaData => {
  const root: Record<string, LuaData> = {
    request: serializedRequest(request),
    response: {
      status: request.status,
      headers: headerMap(request.responseHeaders),
      size: request.sentBytes,
    },
    upstream_uri: request.match === undefined ? '' : upstreamUri(request),
    upstream_status: request.upstreamStatus ?? '',
    latencies: latencies(request),
    tries: request.tries.length === 0 ? undefined : (request.tries as unknown as LuaData),
    authenticated_entity: request.credential === undefined ? undefined : { id: request.credential.id },
    route: withWorkspace(request.route),
    service: withWorkspace(request.service),
    consumer: toTable(request.consumer),
    client_ip: request.clientAddress,
    started_at: request.timings.start,
    source: { error: 'kong', exit: 'kong', service: 'upstream' }[request.source],
    workspace: DEFAULT_WORKSPACE_ID,
    workspace_name: 'default',
  };
  for (const item of request.serializeValues) edit(root, item);
  return root;
};

const serializedRequest = (request: RequestState): LuaData => ({
  id: request.id,
  uri: request.target,
  url: `http://${request.host}:${request.localPort}${request.target}`,
  querystring: decodeArguments(request.query ?? ''),
  method: request.method,
  headers: redacted(headerMap(request.headers)),
  size: request.incoming.rawHeaders.join('').length + request.body.length,
});

const headerMap = (headers: HeaderList): Record<string, LuaData> => {
  const map = toMultiMap(headers, 100);
  return (map instanceof Many ? map.values[0] : map) as Record<string, LuaData>;
};

const redacted = (headers: Record<string, LuaData>): Record<string, LuaData> => {
  for (const name of ['authorization', 'proxy-authorization']) if (name in headers) headers[name] = 'REDACTED';
  return headers;
};

const withWorkspace = (entity: object | undefined): LuaData =>
  entity === undefined ? undefined : toTable({ ...entity, ws_id: DEFAULT_WORKSPACE_ID });

const upstreamUri = (request: RequestState): string =>
  request.query === undefined ? request.upstreamPath : `${request.upstreamPath}?${request.query}`;

const latencies = (request: RequestState): LuaData => {
  const { timings } = request;
  const now = timings.bodyEnded ?? Date.now();
  const kong = (timings.balancerEnded ?? timings.accessEnded ?? now) - timings.start;
  return {
    kong,
    proxy: waitingTime(request) ?? -1,
    request: now - timings.start,
    receive: timings.upstreamHeader === undefined ? 0 : now - timings.upstreamHeader,
  };
};

/** `KONG_WAITING_TIME`: from the request's last byte to the first of the answer. */
export const waitingTime = ({ timings }: RequestState): number | undefined =>
  timings.upstreamHeader === undefined || timings.balancerEnded === undefined
    ? undefined
    : timings.upstreamHeader - timings.balancerEnded;

const edit = (root: Record<string, LuaData>, item: RequestState['serializeValues'][number]): void => {
  const steps = item.key.split('.');
  const last = steps.pop() ?? '';
  let node: Record<string, LuaData> = root;
  for (const step of steps) {
    const next = node[step];
    if (next === undefined || next === null) {
      if (item.mode === 'replace') return;
      node[step] = {};
    } else if (typeof next !== 'object' || next instanceof Uint8Array) {
      throw new LuaError(
        `The key '${item.key}' could not be used as a serialize value. Subkey '${step}' is not a table.`,
      );
    }
    node = node[step] as Record<string, LuaData>;
  }
  const exists = node[last] !== undefined && node[last] !== null;
  if (item.mode === 'set' || (item.mode === 'add') === !exists) node[last] = item.value;
};
