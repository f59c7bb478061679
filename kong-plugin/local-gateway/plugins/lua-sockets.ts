import type { ConnectionPool } from '../plugin-server/connection-pool.ts';
import type { SocketConnection } from '../plugin-server/socket-connection.ts';
import type { LuaValue } from '../lua/lua-vm.ts';
import { describeError } from '../shared/errors.ts';
import { toBytes, type LuaData } from '../shared/lua-data.ts';

interface Open {
  readonly connection: SocketConnection;
  /** What was read and not yet asked for. */
  rest: Buffer;
}

/** Lua's pair of a result, or nil and what went wrong. */
export type SocketResult = readonly [result: LuaValue] | readonly [nil: undefined, error: string];

/** Cosockets (lua-nginx-module, `ngx.socket.tcp`) to the plugin server, as far as mcp-guard uses them. */
export class LuaSockets {
  private readonly open = new Map<number, Open>();
  private lastId = 0;

  constructor(
    private readonly pool: ConnectionPool,
    private readonly readTimeoutMs: number,
  ) {}

  async connect(): Promise<SocketResult> {
    const connection = await this.pool.take().catch((error: unknown) => describeError(error));
    if (typeof connection === 'string') return [undefined, connection];
    this.lastId += 1;
    this.open.set(this.lastId, { connection, rest: Buffer.alloc(0) });
    return [this.lastId];
  }

  send(id: number, parts: readonly LuaData[]): SocketResult {
    const bytes = Buffer.concat(parts.map((part) => toBytes(part as string | Uint8Array)));
    const opened = this.open.get(id);
    if (opened?.connection.isUsable !== true) return [undefined, 'closed'];
    opened.connection.write(bytes);
    return [bytes.length];
  }

  async receive(id: number, size: number): Promise<SocketResult> {
    const opened = this.open.get(id);
    if (opened === undefined) return [undefined, 'closed'];
    while (opened.rest.length < size) {
      const chunk = await opened.connection.read(this.readTimeoutMs);
      if (chunk === undefined) return [undefined, opened.connection.isUsable ? 'timeout' : 'closed'];
      opened.rest = Buffer.concat([opened.rest, chunk]);
    }
    const bytes = opened.rest.subarray(0, size);
    opened.rest = opened.rest.subarray(size);
    return [bytes];
  }

  keep(id: number): SocketResult {
    const opened = this.open.get(id);
    if (opened !== undefined) this.pool.giveBack(opened.connection);
    this.open.delete(id);
    return [1];
  }

  close(id: number): SocketResult {
    this.open.get(id)?.connection.close();
    this.open.delete(id);
    return [1];
  }
}
