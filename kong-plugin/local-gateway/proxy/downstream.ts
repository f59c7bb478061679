import { describeError } from '../shared/errors.ts';
import { waitingTime } from '../pdk/serialize.ts';
import type { PhaseRunner } from './phase-runner.ts';
import type { RequestState } from './request-state.ts';
import { SERVER_NAME } from './upstream-headers.ts';

/** Sends the answer to the client through the header and body filters. */
export class Downstream {
  private isFinished = false;

  constructor(
    private readonly request: RequestState,
    private readonly phases: PhaseRunner,
    private readonly log: (line: string) => void,
  ) {}

  /** False when a header filter failed: nginx then cuts the connection. */
  sendHeaders(options: { readonly flush: boolean }): boolean {
    const { request } = this;
    try {
      this.phases.headerFilter();
    } catch (error) {
      this.cut(`header_filter: ${describeError(error)}`);
      return false;
    }
    addKongHeaders(request);
    const { outgoing } = request;
    if (outgoing.destroyed) return false;
    if (request.responseHeaders.has('date')) outgoing.sendDate = false;
    outgoing.writeHead(request.status, request.responseHeaders.toRaw());
    request.areHeadersSent = true;
    if (options.flush) outgoing.flushHeaders();
    noteConnectionHeaders(request);
    return true;
  }

  /** nginx runs no body filter where there is no body. */
  get hasBody(): boolean {
    return this.request.method !== 'HEAD' && this.request.status !== 204 && this.request.status !== 304;
  }

  /** Resolves when the client has taken it. */
  async write(data: Uint8Array): Promise<void> {
    if (this.isFinished || !this.hasBody) return;
    await this.filter(data, false);
  }

  async finish(): Promise<void> {
    if (!this.isFinished && this.hasBody) await this.filter(new Uint8Array(), true);
    this.request.timings.bodyEnded = Date.now();
    if (!this.request.outgoing.destroyed) this.request.outgoing.end();
  }

  /** The answer broke off: the client must see it. */
  abort(): void {
    this.isFinished = true;
    this.request.outgoing.destroy();
  }

  private async filter(data: Uint8Array, isLast: boolean): Promise<void> {
    const { request } = this;
    const replacement = request.replacementBody;
    request.chunk = replacement === undefined ? { data, isLast } : { data: replacement, isLast: true };
    try {
      this.phases.bodyFilter();
    } catch (error) {
      this.cut(`body_filter: ${describeError(error)}`);
      return;
    }
    // A filter may end the answer early; what still comes is dropped.
    if (request.chunk.isLast) this.isFinished = true;
    await this.pass(request.chunk.data);
  }

  private async pass(data: Uint8Array): Promise<void> {
    const { outgoing } = this.request;
    if (data.length === 0 || outgoing.destroyed) return;
    this.request.sentBytes += data.length;
    if (outgoing.write(data)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        outgoing.off('drain', done).off('close', done);
        resolve();
      };
      outgoing.on('drain', done).on('close', done);
    });
  }

  private cut(problem: string): void {
    this.log(`[error] ${problem}`);
    this.abort();
  }
}

/** What Kong adds after the header filters (kong/runloop/handler.lua). */
const addKongHeaders = (request: RequestState): void => {
  const { responseHeaders: headers, timings } = request;
  if (request.isProxied) {
    headers.set('X-Kong-Upstream-Latency', String(waitingTime(request) ?? 0));
    headers.set('X-Kong-Proxy-Latency', String((timings.balancerEnded ?? timings.start) - timings.start));
    const before = request.upstreamHeaders?.get('via').join(', ') ?? '';
    headers.set('Via', before === '' ? `1.1 ${SERVER_NAME}` : `${before}, 1.1 ${SERVER_NAME}`);
    if (!headers.has('server')) headers.set('Server', SERVER_NAME);
  } else {
    headers.set('X-Kong-Response-Latency', String(Date.now() - timings.start));
    headers.set('Server', SERVER_NAME);
  }
  headers.set('X-Kong-Request-Id', request.id);
};

/** Node adds these on the wire; nginx shows them to log plugins. */
const noteConnectionHeaders = (request: RequestState): void => {
  const { responseHeaders: headers, outgoing } = request;
  if (!headers.has('date')) headers.append('Date', new Date().toUTCString());
  headers.set('Connection', outgoing.shouldKeepAlive ? 'keep-alive' : 'close');
  if (!headers.has('content-length') && request.incoming.httpVersion === '1.1')
    headers.set('Transfer-Encoding', 'chunked');
};
