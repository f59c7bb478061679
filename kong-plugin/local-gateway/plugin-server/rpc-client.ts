import { decodeMultiStream } from '@msgpack/msgpack';
import { failure, success, type Result } from '../../src/domain/result.ts';
import { asText, LuaError } from '../shared/errors.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { packMessage, type Packable } from './message-pack.ts';
import type { SocketConnection } from './socket-connection.ts';

/**
 * MessagePack RPC as kong/runloop/plugin_servers/rpc/mp_rpc.lua does it: one call per use of a connection, message ids
 * counted per client, and the connection back into the pool even when the answer did not come in time.
 */
export class RpcClient {
  private messageId = 0;

  constructor(
    private readonly pool: ConnectionPool,
    private readonly readTimeoutMs: number,
  ) {}

  /** The result, or the error text that Kong's `call` would return. Throws what would be a Lua error. */
  async call(method: string, argument?: Packable): Promise<Result<unknown, string>> {
    const id = ++this.messageId;
    const connection = await this.pool.take().catch((error: unknown) => describe(error));
    if (typeof connection === 'string') return failure(connection);
    connection.write(this.pack(connection, [0, id, method, argument === undefined ? [] : [argument]]));
    return this.answer(connection, id);
  }

  /** A message that cannot be packed loses the connection that was taken for it (transcript error-body-too-large). */
  private pack(connection: SocketConnection, message: Packable): Uint8Array {
    try {
      return packMessage(message);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  private async answer(connection: SocketConnection, id: number): Promise<Result<unknown, string>> {
    const message = await this.readMessage(connection);
    if (message === undefined) {
      this.pool.giveBack(connection);
      return failure('no data');
    }
    if (message[0] !== 1 || message[1] !== id) {
      connection.close();
      throw new LuaError('unexpected RPC response ID from Go plugin server');
    }
    this.pool.giveBack(connection);
    const [, , error, result] = message;
    return error === null || error === undefined ? success(result) : failure(asText(error));
  }

  /** The next message that is not a notification (`[2, label, args]`; kong-pdk sends none). */
  private async readMessage(connection: SocketConnection): Promise<readonly unknown[] | undefined> {
    try {
      for await (const message of decodeMultiStream(this.chunks(connection))) {
        if (!Array.isArray(message)) throw new LuaError('the plugin server sent something that is no RPC message');
        const parts = message as readonly unknown[];
        if (parts[0] !== 2) return parts;
      }
    } catch (error) {
      connection.close();
      throw error instanceof LuaError ? error : new LuaError(`plugin server: ${describe(error)}`);
    }
    return undefined;
  }

  private async *chunks(connection: SocketConnection): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = await connection.read(this.readTimeoutMs);
      if (chunk === undefined) return;
      yield chunk;
    }
  }
}

const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ENOENT') return 'no such file or directory';
  return error.message;
};
