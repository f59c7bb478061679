import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdir, realpath, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { filesOf } from './directory.ts';

/** A Unix socket's path has at most 108 bytes on Linux and 104 elsewhere. */
const MAX_SOCKET_PATH_BYTES = 100;

/** A process that is stopped (SIGSTOP) still accepts: the kernel does. */
const ANSWER_MS = 1_000;

const markFile = (epoch: string): string => `${epoch}.sock`;

/**
 * Says that a run is alive: a Unix socket beside its segments. A process id would be taken by another process one day, and
 * Node has no file locks; the kernel closes a socket however its process ends.
 */
export class RunMark {
  private server: Server | undefined;
  private file: string | undefined;

  constructor(
    private readonly dir: string,
    private readonly epoch: string,
  ) {}

  async set(): Promise<void> {
    if (this.server !== undefined) return;
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    const file = await socketPath(this.dir, this.epoch);
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(file, resolve);
    });
    server.on('error', () => undefined);
    server.unref();
    this.server = server;
    this.file = file;
  }

  async clear(): Promise<void> {
    const { server, file } = this;
    this.server = undefined;
    if (server === undefined || file === undefined) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await unlink(file).catch(() => undefined);
  }
}

/** Only a socket that nobody listens to proves that its run has ended; every doubt means that it goes on. */
export const isRunning = async (dir: string, epoch: string): Promise<boolean> => {
  const file = await socketPath(dir, epoch);
  return new Promise((resolve) => {
    const socket = connect(file);
    socket.setTimeout(ANSWER_MS, () => settle(true));
    const settle = (running: boolean): void => {
      socket.destroy();
      resolve(running);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      settle(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(error.code ?? ''));
    });
  });
};

/** Epochs whose mark is in the folder, whether they run or not. */
export const markedEpochs = async (dir: string): Promise<readonly string[]> =>
  (await filesOf(dir)).flatMap((file) => {
    const [, epoch] = /^([0-9a-f]{20})\.sock$/.exec(file) ?? [];
    return epoch === undefined ? [] : [epoch];
  });

/** Removes the mark of a run that has ended. */
export const removeMark = async (dir: string, epoch: string): Promise<void> => {
  await unlink(await socketPath(dir, epoch)).catch(() => undefined);
};

const socketPath = async (dir: string, epoch: string): Promise<string> => {
  const beside = path.join(dir, markFile(epoch));
  if (Buffer.byteLength(beside) <= MAX_SOCKET_PATH_BYTES) return beside;
  const folder = createHash('sha256')
    .update(await realpath(dir))
    .digest('hex')
    .slice(0, 16);
  return path.join(tmpdir(), `mcp-governance-${folder}-${markFile(epoch)}`);
};
