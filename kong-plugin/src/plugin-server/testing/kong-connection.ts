import net from 'node:net';
import { decodeMultiStream, encode } from '@msgpack/msgpack';

/** `[1, id, error, result]` as decoded; the client uses the library's own stream decoder, not the server's scanner. */
export interface RpcResponse {
  readonly id: number;
  readonly error: unknown;
  readonly result: unknown;
}

/** One connection to a plugin server, at the level of bytes and messages. */
export class KongConnection {
  readonly socket: net.Socket;
  private readonly responses: AsyncIterator<unknown>;
  private lastId: number;

  private constructor(socket: net.Socket, firstId: number) {
    this.socket = socket;
    this.lastId = firstId - 1;
    this.responses = decodeMultiStream(socket)[Symbol.asyncIterator]();
  }

  static async open(socketPath: string, options: { readonly firstId?: number } = {}): Promise<KongConnection> {
    const socket = net.connect(socketPath);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => undefined);
    return new KongConnection(socket, options.firstId ?? 1);
  }

  /** Writes bytes; resolves when the kernel has them. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.socket.write(bytes, () => resolve());
    });
  }

  /** Writes a request and returns its id. */
  async send(method: string, ...parameters: readonly unknown[]): Promise<number> {
    this.lastId += 1;
    await this.write(encodeRequest(this.lastId, method, parameters));
    return this.lastId;
  }

  /** Undefined when the server closed the connection. */
  async receive(): Promise<RpcResponse | undefined> {
    try {
      const next: IteratorResult<unknown, unknown> = await this.responses.next();
      if (next.done === true) return undefined;
      const [, id, error, result] = next.value as readonly [number, number, unknown, unknown];
      return { id, error, result };
    } catch {
      return undefined;
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

export const encodeRequest = (id: number, method: string, parameters: readonly unknown[]): Uint8Array =>
  encode([0, id, method, parameters]);
