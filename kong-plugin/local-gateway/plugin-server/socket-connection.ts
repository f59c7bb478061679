import { createConnection, type Socket } from 'node:net';

type Waiter = (chunk: Uint8Array | undefined) => void;

/**
 * One connection of Kong to the plugin server. nginx keeps an idle one in its pool until a byte or the end arrives on it:
 * an answer that comes late closes the connection instead of being read by the next call.
 */
export class SocketConnection {
  private readonly chunks: Uint8Array[] = [];
  private waiter: Waiter | undefined;
  private ended = false;
  private idle = false;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', () => this.finish());
    socket.on('close', () => this.finish());
    socket.on('end', () => this.finish());
  }

  static open(path: string): Promise<SocketConnection> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ path });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new SocketConnection(socket));
      });
    });
  }

  get isUsable(): boolean {
    return !this.ended && !this.socket.destroyed;
  }

  setIdle(idle: boolean): void {
    this.idle = idle;
    if (idle && this.chunks.length > 0) this.close();
    // An idle connection must not keep the process alive when the gateway closes.
    if (idle) this.socket.unref();
    else this.socket.ref();
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  close(): void {
    this.socket.destroy();
    this.finish();
  }

  /** The next bytes; undefined at the end of the connection or when nothing came in time. */
  read(timeoutMs: number): Promise<Uint8Array | undefined> {
    const next = this.chunks.shift();
    if (next !== undefined) return Promise.resolve(next);
    if (this.ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(undefined), timeoutMs);
      this.waiter = (chunk) => {
        clearTimeout(timer);
        resolve(chunk);
      };
    });
  }

  private receive(chunk: Uint8Array): void {
    if (this.idle) this.close();
    else if (this.waiter === undefined) this.chunks.push(chunk);
    else this.wake(chunk);
  }

  private finish(): void {
    this.ended = true;
    this.wake(undefined);
  }

  private wake(chunk: Uint8Array | undefined): void {
    const waiter = this.waiter;
    this.waiter = undefined;
    waiter?.(chunk);
  }
}
