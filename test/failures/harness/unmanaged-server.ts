import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { PluginServerOptions } from '../../../kong-plugin/local-gateway/local-gateway.ts';
import {
  launcher,
  startProcess,
  waitForSocket,
  type ServerProcess,
} from '../../../kong-plugin/src/plugin-server/testing/child-process.ts';

/** A plugin server that nobody starts again, as in a container of its own. */
export class UnmanagedServer {
  private readonly socketName = 'unmanaged.sock';
  private process: ServerProcess | undefined;
  private next: ServerProcess | undefined;

  constructor(
    private readonly prefix: string,
    private readonly flags: readonly string[] = [],
  ) {}

  get socket(): string {
    return path.join(this.prefix, this.socketName);
  }

  /** Kong is told of the socket; the process that it starts itself only waits. */
  get options(): PluginServerOptions {
    return {
      command: [process.execPath, '-e', 'setInterval(() => undefined, 60_000)'],
      socket: this.socket,
      queryCommand: [process.execPath, launcher, '--dump-all-plugins', ...this.flags],
    };
  }

  async start(): Promise<void> {
    this.process = startProcess(launcher, ['-p', this.prefix, '--sock-name', this.socketName, ...this.flags]);
    await waitForSocket(this.process, this.socket);
  }

  /** Starts the next one beside this one, at a socket of its own, so that a kill does not wait for it. */
  async prepareNext(): Promise<void> {
    const next = startProcess(launcher, ['-p', this.prefix, '--sock-name', 'next.sock']);
    this.next = next;
    await waitForSocket(next, path.join(this.prefix, 'next.sock'));
  }

  /** kill -9; the next one takes the place at once, as fresh as any: it has not seen a request. */
  async killAndReplace(): Promise<void> {
    const { next } = this;
    if (next === undefined) throw new Error('there is no next plugin server');
    await this.kill(this.process);
    // Connections find a socket by its name; whoever listens does not notice.
    await rename(path.join(this.prefix, 'next.sock'), this.socket);
    this.process = next;
    this.next = undefined;
  }

  async close(): Promise<void> {
    await this.kill(this.process);
    await this.kill(this.next);
  }

  private async kill(server: ServerProcess | undefined): Promise<void> {
    server?.child.kill('SIGKILL');
    await server?.finished;
  }
}
