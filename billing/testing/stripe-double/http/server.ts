import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TimeoutManner } from '../control/faults.ts';
import type { Answered, ApiRequest, Reply } from './api.ts';

// 250 lines with metadata are some 300 kB as a form.
const bodyLimit = 2 * 1024 * 1024;

/** What answers a request that is not the API's: the control endpoints and the dashboard. */
export interface SideAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ServerOptions {
  readonly port: number;
  readonly api: (request: ApiRequest) => Promise<Answered>;
  readonly side: (request: ApiRequest) => Promise<SideAnswer | undefined>;
  /** A bug of the double; the request gets 500. */
  readonly onError: (error: unknown) => void;
}

/** Listens on 127.0.0.1 only. */
export async function listen({ port, api, side, onError }: ServerOptions): Promise<{ server: Server; port: number }> {
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing).catch((error: unknown) => {
      onError(error);
      send(outgoing, {
        status: 500,
        headers: {},
        body: { error: { type: 'api_error', message: 'A bug of the Stripe double.' } },
      });
    });
  });

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await read(incoming);
    if (request === undefined) {
      const error = { type: 'invalid_request_error', message: 'The body is too large.' };
      send(outgoing, { status: 413, headers: { connection: 'close' }, body: { error } });
      return;
    }
    const aside = await side(request);
    if (aside) {
      outgoing
        .writeHead(aside.status, { 'content-type': aside.type, 'cache-control': 'no-store', ...aside.headers })
        .end(aside.body);
      return;
    }
    const { reply, done } = await api(request);
    outgoing.once('close', done);
    if ('cut' in reply) cut(outgoing, reply.cut);
    else send(outgoing, reply);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function read(incoming: IncomingMessage): Promise<ApiRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) return undefined;
    chunks.push(chunk);
  }
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const headers = Object.entries(incoming.headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value[0] : value] as const,
  );
  return {
    method: incoming.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark + 1),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function send(outgoing: ServerResponse, { status, headers, body }: Exclude<Reply, { cut: unknown }>): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body, null, 2));
}

function cut(outgoing: ServerResponse, manner: TimeoutManner): void {
  if (manner === 'silence') return;
  if (manner === 'close') {
    outgoing.destroy();
    return;
  }
  // A promise of more than is sent.
  outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '64' });
  outgoing.write('{', () => outgoing.destroy());
}
