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

  constructor(private readonly prefix: string) {}

  get socket(): string {
    return path.join(this.prefix, this.socketName);
  }

  /** Kong is told of the socket; the process that it starts itself only waits. */
  get options(): PluginServerOptions {
    return {
      command: [process.execPath, '-e', 'setInterval(() => undefined, 60_000)'],
      socket: this.socket,
      queryCommand: [process.execPath, launcher, '--dump-all-plugins'],
    };
  }

  async start(): Promise<void> {
    this.process = startProcess(launcher, ['-p', this.prefix, '--sock-name', this.socketName]);
    await waitForSocket(this.process, this.socket);
  }

  async close(): Promise<void> {
    this.process?.child.kill('SIGKILL');
    await this.process?.finished;
  }
}
