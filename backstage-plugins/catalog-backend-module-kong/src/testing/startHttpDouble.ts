import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpDouble {
  readonly url: string;
  /** Headers of each request, in order, with its method and target. */
  readonly asked: { readonly target: string; readonly headers: IncomingMessage['headers'] }[];
  /** Refuses connections from now on, on the same address. */
  close(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server on a free port of this machine that answers as told. */
export const startHttpDouble = async (answer: Answer): Promise<HttpDouble> => {
  const asked: HttpDouble['asked'] = [];
  const server = createServer((request, response) => {
    asked.push({ target: `${request.method} ${request.url}`, headers: request.headers });
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export const sendJson = (response: ServerResponse, content: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(content));
};
