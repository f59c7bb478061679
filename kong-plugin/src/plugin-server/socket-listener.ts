import fs from 'node:fs/promises';
import net from 'node:net';
import type { Result } from '../domain/result.ts';
import { failure, success } from '../domain/result.ts';
import { describeError } from './describe-error.ts';
import type { Logger } from './logger.ts';

/** Kong's workers run as the same user as a plugin server they start; the group is for one started by other means. */
const SOCKET_MODE = 0o660;

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, with the closing NUL. */
const MAXIMUM_PATH_BYTES = 103;

export interface ListenOptions {
  readonly socketPath: string;
  readonly onConnection: (socket: net.Socket) => void;
  /** Replace a server that is alive, as at `kong reload`: the old one is still serving the old workers. */
  readonly takeOver: boolean;
  readonly logger: Logger;
  readonly pid?: number;
}

export interface SocketListener {
  /** False once another process has put its socket at our path. */
  isCurrent(): Promise<boolean>;
  /** Accepts no more connections, and removes the socket file if it is still ours. */
  close(): Promise<void>;
}

/**
 * Listens at a Unix socket path. The socket is made under another name and renamed: Kong never finds a missing or a
 * half-made socket, and at a reload the path changes hands in one step. libuv unlinks the name it bound when a server
 * closes, which must not be the path: at `kong reload` that would remove the successor's socket.
 */
export async function listenOnSocket(options: ListenOptions): Promise<Result<SocketListener, string>> {
  const temporaryPath = `${options.socketPath}.${options.pid ?? process.pid}`;
  if (Buffer.byteLength(temporaryPath) > MAXIMUM_PATH_BYTES) {
    return failure(`the socket path ${options.socketPath} is too long for a Unix socket; choose a shorter prefix`);
  }
  const obstacle = await findObstacle(options);
  if (obstacle !== undefined) return failure(obstacle);
  try {
    const server = net.createServer(options.onConnection);
    await bind(server, temporaryPath);
    server.on('error', (error) => options.logger.error('socket error', describeError(error)));
    await fs.chmod(temporaryPath, SOCKET_MODE);
    const ours = await identityOf(temporaryPath);
    await fs.rename(temporaryPath, options.socketPath);
    return success(createListener(server, { socketPath: options.socketPath, ours }));
  } catch (error) {
    return failure(`cannot listen at ${options.socketPath}: ${describeError(error).error}`);
  }
}

async function findObstacle({ socketPath, takeOver, logger }: ListenOptions): Promise<string | undefined> {
  const found = await fs.lstat(socketPath).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isSocket()) return `${socketPath} exists and is not a socket; remove it or choose another name`;
  if (!(await isAlive(socketPath))) return undefined;
  if (!takeOver) return `another plugin server is listening at ${socketPath}; stop it or start with --replace`;
  logger.info('taking over from the plugin server that listens now', { socket: socketPath });
  return undefined;
}

/** A full backlog (EAGAIN) is a sign of life too; only a socket without a process refuses. */
const isAlive = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = net.connect(socketPath);
    const finish = (alive: boolean) => {
      probe.destroy();
      resolve(alive);
    };
    probe.once('connect', () => finish(true));
    probe.once('error', (error: NodeJS.ErrnoException) => {
      finish(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });

async function bind(server: net.Server, temporaryPath: string): Promise<void> {
  await fs.rm(temporaryPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(temporaryPath, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

interface Ownership {
  readonly socketPath: string;
  readonly ours: string | undefined;
}

function createListener(server: net.Server, { socketPath, ours }: Ownership): SocketListener {
  const isCurrent = async () => ours !== undefined && (await identityOf(socketPath)) === ours;
  return {
    isCurrent,
    close: async () => {
      if (await isCurrent()) await fs.rm(socketPath, { force: true });
      // Not awaited: it ends with the last connection, and Kong keeps pooled ones open.
      server.close();
    },
  };
}

const identityOf = async (path: string): Promise<string | undefined> => {
  const status = await fs.lstat(path).catch(() => undefined);
  return status === undefined ? undefined : `${status.dev}:${status.ino}`;
};
