import type { IncomingMessage } from 'node:http';
import { describeError } from '../shared/errors.ts';
import { waitingTime } from '../pdk/serialize.ts';
import type { Downstream } from './downstream.ts';
import { brokenOff, gatewayError } from './gateway-error.ts';
import { HeaderList } from './header-list.ts';
import type { PhaseRunner } from './phase-runner.ts';
import type { RequestState } from './request-state.ts';
import { callUpstream, type UpstreamAnswer } from './upstream-call.ts';
import { connectionHeaders, upstreamHeaders } from './upstream-headers.ts';

export interface ProxyContext {
  readonly request: RequestState;
  readonly phases: PhaseRunner;
  readonly downstream: Downstream;
  readonly log: (line: string) => void;
}

/** What nginx logs for a request whose client has gone. */
const CLIENT_CLOSED_REQUEST = 499;

/** Forwards the request to its service and the answer to the client: streamed, or buffered for the `response` phase. */
export const proxyRequest = async (context: ProxyContext): Promise<void> => {
  const { request } = context;
  request.isProxied = true;
  if (request.isBuffered && request.isWebSocketUpgrade) {
    // As on Kong: the response phase is skipped and the answer passes unfiltered.
    context.log('[notice] response buffering was turned off: connection upgrade (websocket)');
    request.isBuffered = false;
  }
  if (request.outgoing.destroyed && !request.isBuffered) {
    // nginx notices before it connects to the upstream, and logs its own status.
    request.status = CLIENT_CLOSED_REQUEST;
    return;
  }
  const clientGone = new AbortController();
  // A buffered request is read to its end even when the client has left (measured).
  const onClose = (): void => {
    if (!request.isBuffered) clientGone.abort();
  };
  request.outgoing.once('close', onClose);
  try {
    await forward(context, clientGone.signal);
  } finally {
    request.outgoing.off('close', onClose);
  }
};

const forward = async (context: ProxyContext, signal: AbortSignal): Promise<void> => {
  const { request } = context;
  const { service } = request;
  if (service === undefined) return;
  noteTry(request, service);
  const answer = await callUpstream(
    {
      scheme: request.upstreamScheme,
      service,
      method: request.method,
      path: upstreamTarget(request),
      headers: upstreamHeaders(request),
      body: request.body,
    },
    signal,
  );
  if (typeof answer === 'number') {
    request.timings.upstreamHeader = Date.now();
    request.upstreamStatus = answer;
    await gatewayError(context, answer);
    return;
  }
  readHead(request, answer.message);
  if (request.isBuffered) await sendBuffered(context, answer);
  else await sendStream(context, answer);
};

/** An empty query keeps its `?`, as on Kong. */
const upstreamTarget = (request: RequestState): string =>
  request.query === undefined ? request.upstreamPath : `${request.upstreamPath}?${request.query}`;

const noteTry = (request: RequestState, service: { readonly host: string; readonly port: number }): void => {
  const now = Date.now();
  request.timings.balancerEnded = now;
  request.tables.context.set('KONG_PROXY_LATENCY', now - request.timings.start);
  request.tries.push({
    balancer_start: now,
    balancer_start_ns: now * 1_000_000,
    balancer_latency: 0,
    balancer_latency_ns: 0,
    ip: service.host,
    port: service.port,
  });
};

/** About one connection, or commands to nginx that it does not pass on. */
const hidden = /^(connection|keep-alive|transfer-encoding|x-accel-.*|proxy-connection)$/;

const readHead = (request: RequestState, message: IncomingMessage): void => {
  const headers = HeaderList.fromRaw(message.rawHeaders);
  request.timings.upstreamHeader = Date.now();
  request.tables.context.set('KONG_WAITING_TIME', waitingTime(request));
  request.upstreamStatus = message.statusCode ?? 502;
  request.upstreamHeaders = headers;
  request.status = request.upstreamStatus;
  const named = new Set(connectionHeaders(headers));
  for (const { name, value } of headers.entries()) {
    const lower = name.toLowerCase();
    if (!hidden.test(lower) && !named.has(lower) && lower !== 'upgrade') request.responseHeaders.append(name, value);
  }
};

const sendStream = async (context: ProxyContext, answer: UpstreamAnswer): Promise<void> => {
  const { request, downstream } = context;
  const isUnbuffered =
    request.route?.response_buffering === false || request.upstreamHeaders?.first('x-accel-buffering') === 'no';
  if (!downstream.sendHeaders({ flush: isUnbuffered })) {
    answer.abort();
    return;
  }
  try {
    for await (const chunk of answer.message as AsyncIterable<Buffer>) {
      answer.pause();
      await downstream.write(chunk);
      answer.touch();
    }
    answer.pause();
    await downstream.finish();
  } catch (error) {
    answer.pause();
    context.log(`[error] upstream prematurely closed the connection: ${describeError(error)}`);
    downstream.abort();
  }
};

const sendBuffered = async (context: ProxyContext, answer: UpstreamAnswer): Promise<void> => {
  const { request, phases, downstream } = context;
  const body = await readAll(answer);
  if (body === undefined) {
    await brokenOff(context);
    return;
  }
  request.bufferedBody = body;
  // Only in this phase Kong's response headers hold the upstream's Connection header (transcript response-phase).
  const connection = request.upstreamHeaders?.get('connection') ?? [];
  request.responseHeaders.set('Connection', connection);
  try {
    await phases.response();
  } catch (error) {
    context.log(`[error] response: ${describeError(error)}`);
    request.responseHeaders.clear();
    await gatewayError(context, 500);
    return;
  }
  request.responseHeaders.delete('Connection');
  if (!downstream.sendHeaders({ flush: false })) return;
  await downstream.write(request.localBody ?? body);
  await downstream.finish();
};

const readAll = async (answer: UpstreamAnswer): Promise<Uint8Array | undefined> => {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer.message as AsyncIterable<Buffer>) {
      answer.touch();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    return undefined;
  } finally {
    answer.pause();
  }
};
