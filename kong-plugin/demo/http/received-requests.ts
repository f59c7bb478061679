import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** One HTTP request as it arrived, before any validation: what a gateway in front of this server let through. */
export interface ReceivedRequest {
  readonly httpMethod: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body; undefined when there was none, or none that could be parsed. */
  readonly body: unknown;
}

/** Tests look at the last few; a benchmark must not fill the memory with them. */
const KEPT_REQUESTS = 1_000;

export class ReceivedRequests {
  readonly #requests: ReceivedRequest[] = [];

  get all(): readonly ReceivedRequest[] {
    return this.#requests;
  }

  add(request: IncomingMessage, body: unknown): void {
    const { method = 'GET', url = '/', headers } = request;
    this.#requests.push({ httpMethod: method, path: url, headers, body });
    if (this.#requests.length > KEPT_REQUESTS) this.#requests.splice(0, KEPT_REQUESTS / 2);
  }
}
