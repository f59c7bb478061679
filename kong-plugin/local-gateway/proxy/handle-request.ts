import type { IncomingMessage, ServerResponse } from 'node:http';
import { escapePath } from '../router/normalize-path.ts';
import type { Snapshot } from '../plugins/snapshot.ts';
import type { PluginHandler } from '../plugins/plugin-handler.ts';
import { describeError, PhaseExit } from '../shared/errors.ts';
import type { LuaTableLike } from '../shared/lua-data.ts';
import { localPdk } from '../plugins/local-pdk.ts';
import type { Pdk } from '../pdk/pdk.ts';
import { Downstream } from './downstream.ts';
import { gatewayError, sendLocal } from './gateway-error.ts';
import { PhaseRunner } from './phase-runner.ts';
import { proxyRequest } from './proxy-request.ts';
import { BODY_BUFFER_BYTES, readRequestBody } from './request-body.ts';
import { RequestState } from './request-state.ts';
import { forwardedHeaders } from './upstream-headers.ts';

export interface RequestHandlerOptions {
  readonly handlers: readonly PluginHandler[];
  readonly snapshot: Snapshot;
  readonly pdk: Pdk;
  readonly newTable: () => LuaTableLike;
  /** 0: no limit. */
  readonly clientMaxBodyBytes: number;
  readonly log: (line: string) => void;
}

/** One request from its first byte to the end of its log phase, in the order of kong/init.lua. */
export const handleRequest = async (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: RequestHandlerOptions,
): Promise<void> => {
  const tables = { shared: options.newTable(), context: options.newTable() };
  const request = new RequestState(incoming, outgoing, tables, Date.now());
  const phases = new PhaseRunner(request, options);
  const downstream = new Downstream(request, phases, options.log);
  const ended = new Promise<void>((resolve) => outgoing.once('close', resolve));
  try {
    await answer({ request, phases, downstream, log: options.log }, options);
  } catch (error) {
    options.log(`[error] ${describeError(error)}`);
    downstream.abort();
  }
  // The log phase comes after the last byte, or when the client has gone.
  await ended;
  await phases.log();
  request.release();
};

type Context = Parameters<typeof proxyRequest>[0];

const answer = async (context: Context, options: RequestHandlerOptions): Promise<void> => {
  const { request, phases, downstream } = context;
  const problem = protocolProblem(request);
  if (problem !== undefined) return gatewayError(context, problem);
  await phases.rewrite();
  route(request, options.snapshot);
  if (request.match === undefined) return refuse(context, options, 404, 'no Route matched with those values');
  const body = await readRequestBody(request.incoming, options.clientMaxBodyBytes);
  if (body.kind === 'aborted') return downstream.abort();
  if (body.kind === 'too_large') return gatewayError(context, 413);
  request.body = body.bytes;
  request.isBodyInFile = body.bytes.length > BODY_BUFFER_BYTES;
  await phases.access();
  request.timings.accessEnded = Date.now();
  if (request.delayed !== undefined) return sendLocal(request, downstream);
  if (request.service === undefined) return refuse(context, options, 503, 'no Service found with those values');
  await proxyRequest(context);
};

/** What nginx refuses and Node's parser does not. */
const protocolProblem = (request: RequestState): number | undefined => {
  if (request.headers.get('host').length > 1) return 400;
  const coding = request.headers.get('transfer-encoding').join(',').trim().toLowerCase();
  return coding === '' || coding === 'chunked' ? undefined : 501;
};

const route = (request: RequestState, snapshot: Snapshot): void => {
  const match = snapshot.router.match({
    method: request.method,
    target: request.target,
    host: request.headers.first('host'),
    headers: request.headers.toMap(),
  });
  if (match === undefined) return;
  request.match = match;
  request.upstreamScheme = match.service?.protocol ?? 'http';
  request.upstreamPath = escapePath(match.upstreamPath);
  request.upstreamHost = match.upstreamHost;
  request.forwarded = forwardedHeaders(request);
  request.isWebSocketUpgrade = request.headers.first('upgrade')?.toLowerCase() === 'websocket';
};

const refuse = async (
  { request, downstream }: Context,
  options: RequestHandlerOptions,
  status: number,
  message: string,
): Promise<void> => {
  request.phase = 'access';
  request.isBuffered = false;
  try {
    localPdk(options.pdk)(request, 'response.error', status, message);
  } catch (error) {
    if (!(error instanceof PhaseExit)) throw error;
  }
  await sendLocal(request, downstream);
};
