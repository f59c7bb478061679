import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorBody, httpErrorMessage } from './error-body.ts';
import { closeServer, listen } from './listen.ts';
import { SERVER_NAME } from './upstream-headers.ts';

export interface ProxyServerOptions {
  readonly host: string;
  readonly port: number;
  readonly handle: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;
}

/** nginx's `large_client_header_buffers 4 8k`. */
const MAX_HEADER_BYTES = 32 * 1024;
/** nginx's `keepalive_timeout`. */
const KEEP_ALIVE_MS = 75_000;

export const startProxyServer = async (
  options: ProxyServerOptions,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> => {
  const running = new Set<Promise<void>>();
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 },
    (incoming, outgoing) => {
      const handled = options.handle(incoming, outgoing);
      running.add(handled);
      void handled.finally(() => running.delete(handled));
    },
  );
  server.on('clientError', refuse);
  const port = await listen(server, { ...options, setting: '--proxy-port or KONG_PROXY_PORT' });
  return {
    port,
    close: async () => {
      await closeServer(server);
      // Log phases of the last requests.
      await Promise.allSettled(running);
    },
  };
};

/** What Node's parser refuses: both Content-Length and Transfer-Encoding, a bad request line, too large headers. */
const refuse = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 494 : 400;
  const id = randomBytes(16).toString('hex');
  const { type, body } = errorBody(httpErrorMessage(status), { accept: undefined, requestId: id });
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: ${type}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Server: ${SERVER_NAME}\r\nX-Kong-Request-Id: ${id}\r\n\r\n${body}`,
  );
};
