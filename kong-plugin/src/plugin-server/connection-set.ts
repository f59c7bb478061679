import type { Socket } from 'node:net';
import type { RpcConnection } from './rpc-connection.ts';

/** The connections of Kong that are open. */
export class ConnectionSet {
  private readonly open = new Map<Socket, RpcConnection>();
  private isLeaving = false;

  get size(): number {
    return this.open.size;
  }

  add(socket: Socket, connection: RpcConnection): void {
    this.open.set(socket, connection);
    socket.once('close', () => this.open.delete(socket));
    if (this.isLeaving) connection.leave();
  }

  /** Lets each go when Kong does not wait for anything on it. */
  leave(): void {
    this.isLeaving = true;
    for (const connection of this.open.values()) connection.leave();
  }

  destroy(): void {
    for (const socket of this.open.keys()) socket.destroy();
  }
}
