import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListenOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
}

/** Rejects when the port is taken. Answers the origin, with the port that was really taken. */
export async function listen(server: Server, { port, host }: ListenOptions): Promise<string> {
  server.listen(port, host);
  // `once` rejects on an `error` event.
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

/** Ends open streams too: a demo that is closed has nobody left to answer. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
