import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Service } from '../declarative-config/entities.ts';
import type { HeaderList } from './header-list.ts';

/** Why there is no answer: what nginx would answer. */
export type UpstreamFailure = 502 | 504;

export interface UpstreamTarget {
  readonly scheme: string;
  readonly service: Service;
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
}

export interface UpstreamAnswer {
  readonly message: IncomingMessage;
  /** Starts the read timeout anew; the answer is aborted when it runs out. */
  readonly touch: () => void;
  /** Stops the timeout while the client is slow, and at the end. */
  readonly pause: () => void;
  readonly abort: () => void;
}

/** Idle connections are closed before a Node or nginx upstream does it (5 s or more), so that none is reused too late. */
const IDLE_MS = 2_000;

const agents = {
  http: new HttpAgent({ keepAlive: true, timeout: IDLE_MS, maxSockets: Infinity }),
  https: new HttpsAgent({ keepAlive: true, timeout: IDLE_MS, maxSockets: Infinity }),
};

/** Methods that may be sent again when a kept connection turned out to be closed. */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/** Sends the request to the service. `signal` aborts it: the client has gone. */
export const callUpstream = async (
  target: UpstreamTarget,
  signal: AbortSignal,
): Promise<UpstreamAnswer | UpstreamFailure> => {
  const first = await attempt(target, signal);
  if (first !== 'stale') return first;
  const second = repeatable.has(target.method) ? await attempt(target, signal) : 502;
  return second === 'stale' ? 502 : second;
};

const attempt = (target: UpstreamTarget, signal: AbortSignal): Promise<UpstreamAnswer | UpstreamFailure | 'stale'> =>
  new Promise((resolve) => {
    const request = openRequest(target);
    const timer = new Deadline(() => {
      request.destroy(new Error('timeout'));
      resolve(504);
    });
    timer.start(target.service.connect_timeout);
    request.once('socket', (socket) => {
      const startWriting = (): void => timer.start(target.service.write_timeout);
      if (socket.connecting) socket.once('connect', startWriting);
      else startWriting();
    });
    request.once('finish', () => timer.start(target.service.read_timeout));
    request.once('error', () => {
      timer.stop();
      resolve(request.reusedSocket && !signal.aborted && !timer.hasFired ? 'stale' : 502);
    });
    // 101 Switching Protocols: this stand-in opens no tunnels.
    request.once('upgrade', (_message, socket) => {
      socket.destroy();
      resolve(502);
    });
    request.once('response', (message) => {
      timer.start(target.service.read_timeout);
      resolve(toAnswer(request, message, timer, target.service.read_timeout));
    });
    const abort = (): void => void request.destroy();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    request.once('close', () => signal.removeEventListener('abort', abort));
    request.end(target.body);
  });

const openRequest = (target: UpstreamTarget): ClientRequest => {
  const isTls = target.scheme === 'https';
  const options = {
    host: target.service.host.replace(/^\[|\]$/g, ''),
    port: target.service.port,
    method: target.method,
    path: target.path,
    headers: target.headers.toRaw(),
    setHost: false,
    agent: isTls ? agents.https : agents.http,
  };
  return isTls
    ? httpsRequest({ ...options, rejectUnauthorized: target.service.tls_verify === true })
    : httpRequest(options);
};

const toAnswer = (
  request: ClientRequest,
  message: IncomingMessage,
  timer: Deadline,
  readTimeoutMs: number,
): UpstreamAnswer => ({
  message,
  touch: () => timer.start(readTimeoutMs),
  pause: () => timer.stop(),
  abort: () => {
    timer.stop();
    request.destroy();
  },
});

/** A timer that can be moved. */
class Deadline {
  hasFired = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly onEnd: () => void) {}

  start(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.hasFired = true;
      this.onEnd();
    }, milliseconds);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
