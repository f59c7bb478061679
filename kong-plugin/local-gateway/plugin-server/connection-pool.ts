import { SocketConnection } from './socket-connection.ts';

/** lua_socket_pool_size of nginx: more idle connections than this are closed. */
const MAX_IDLE = 30;

/** Idle connections, the last used first, as nginx's cosocket pool hands them out. */
export class ConnectionPool {
  private readonly idle: SocketConnection[] = [];

  constructor(private readonly path: string) {}

  async take(): Promise<SocketConnection> {
    for (;;) {
      const connection = this.idle.pop();
      if (connection === undefined) return SocketConnection.open(this.path);
      if (!connection.isUsable) continue;
      connection.setIdle(false);
      return connection;
    }
  }

  giveBack(connection: SocketConnection): void {
    connection.setIdle(true);
    if (!connection.isUsable) return;
    this.idle.push(connection);
    if (this.idle.length > MAX_IDLE) this.idle.shift()?.close();
  }

  close(): void {
    for (const connection of this.idle.splice(0)) connection.close();
  }
}
