import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A port that somebody else has; `setting` is what to change. */
export class PortInUseError extends Error {
  constructor(port: number, host: string, setting: string) {
    super(`Port ${port} on ${host} is in use: stop what listens there, or choose another with ${setting}.`);
  }
}

export interface ListenOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The flag and the environment variable that set the port. */
  readonly setting: string;
}

/** Resolves to the port. */
export const listen = (server: Server, options: ListenOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUseError(options.port, options.host, options.setting) : error);
    });
    server.listen(options.port, options.host, () => resolve((server.address() as AddressInfo).port));
  });

/** Closes with the connections that are still open. */
export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
