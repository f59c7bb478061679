import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { failure, success, type Result } from '../domain/result.ts';
import { createTokenCheck, MIN_TOKEN_LENGTH } from './check-token.ts';
import { handleRequest, type Management, type ManagementEvent } from './handle-request.ts';
import { problem, type Reply } from './problem.ts';

export interface ManagementOptions extends Pick<Management, 'pins' | 'readiness' | 'metrics' | 'peek' | 'limitsLeft'> {
  /** Loopback unless somebody says otherwise: there is no TLS here. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** 32 characters or more; whoever has it approves tools. */
  readonly token: string;
  readonly log?: (event: ManagementEvent) => void;
  readonly now?: () => number;
  /** How often a taken port is tried again: at a reload of Kong the old plugin server still holds it. */
  readonly retry?: { readonly times: number; readonly delayMs: number };
}

export interface ManagementServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The old plugin server of a reload stops within seconds of losing its socket. */
const defaultRetry = { times: 60, delayMs: 500 };

/** Scrapers, probes, one portal; more connections are closed at once. */
const MAX_CONNECTIONS = 64;

/** Requests are a line and a few headers. */
const MAX_HEADER_BYTES = 8_192;

const REQUEST_TIMEOUT_MS = 10_000;

/** Serves the management API. A failure is a sentence for the operator: governing does not depend on this server. */
export const startManagementServer = async (options: ManagementOptions): Promise<Result<ManagementServer, string>> => {
  const { host = '127.0.0.1', token, log = () => undefined, now = Date.now } = options;
  if (!/^[\x21-\x7E]+$/.test(token) || token.length < MIN_TOKEN_LENGTH)
    return failure(`the token of the management API needs ${MIN_TOKEN_LENGTH} or more characters without blanks`);
  if (!isLoopback(host))
    log({ level: 'warn', message: 'the management API listens beyond this machine, without TLS', host });
  const management = { ...options, log, now, isAuthorized: createTokenCheck(token) };
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => void serve({ request, response, management }),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const problemText = await listen(server, { ...options, host, log });
  if (problemText !== undefined) return failure(`the management API cannot listen at ${host}: ${problemText}`);
  server.on('error', (error) => log({ level: 'error', message: 'management API', error: error.message }));
  return success({ url: urlOf(server), close: () => close(server) });
};

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly management: Management;
}

const serve = async ({ request, response, management }: Exchange): Promise<void> => {
  try {
    send(response, await handleRequest(request, management));
  } catch (error) {
    // The client hung up while it sent its body, or a component threw: its text is for the operator only.
    management.log({ level: 'error', message: 'management request failed', error: String(error) });
    if (!response.destroyed) send(response, problem('internal_error', 'The request failed; the log says why.'));
  }
};

const send = (response: ServerResponse, { status, headers, body }: Reply): void => {
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
};

interface Address extends Pick<ManagementOptions, 'port' | 'retry'> {
  readonly host: string;
  readonly log: (event: ManagementEvent) => void;
}

/** What went wrong, or undefined. */
const listen = async (
  server: Server,
  { host, port, log, retry = defaultRetry }: Address,
): Promise<string | undefined> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      server.listen(port, host);
      // `once` rejects on an `error` event.
      await once(server, 'listening');
      return undefined;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' || attempt >= retry.times) return message;
      if (attempt === 0) log({ level: 'info', message: 'the port of the management API is taken, waiting', port });
      await pause(retry.delayMs, undefined, { ref: false });
    }
  }
};

const urlOf = (server: Server): string => {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
};

const close = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
};
