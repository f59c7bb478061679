import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { KongClient } from '../src/plugin-server/testing/kong-client.ts';

export const packageFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Which plugin a plugin server under measurement serves. */
export type PluginChoice = 'nothing' | 'everything';

export interface PluginServerCommand {
  readonly command: readonly string[];
  readonly queryCommand: readonly string[];
  readonly socket: string;
}

/** How Kong would be told to start it; the process reports its CPU time when asked (`CpuMeter`). */
export const pluginServerCommand = (choice: PluginChoice, prefix: string): PluginServerCommand => {
  const socketName = `${choice}.sock`;
  const launcher = [
    process.execPath,
    ...(process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter(Boolean),
    '--require',
    path.join(packageFolder, 'bench/report-cpu.cjs'),
    path.join(packageFolder, 'bin/mcp-governance-pluginserver.cjs'),
    ...(choice === 'nothing' ? ['-d', path.join(packageFolder, 'bench/noop')] : []),
  ];
  return {
    command: [...launcher, '-p', prefix, '--sock-name', socketName, '--exit-with-parent'],
    queryCommand: [...launcher, '--dump-all-plugins'],
    socket: path.join(prefix, socketName),
  };
};

/** Starts it here, for whoever speaks to its socket. */
export class PluginServerProcess {
  readonly socket: string;
  private readonly child: ChildProcess;
  private readonly lines: Interface;

  constructor(choice: PluginChoice, prefix: string) {
    const { command, socket } = pluginServerCommand(choice, prefix);
    const [file = '', ...parameters] = command;
    this.socket = socket;
    this.child = spawn(file, parameters, { stdio: ['ignore', 'pipe', 'ignore'] });
    if (this.child.stdout === null) throw new Error('the plugin server has no output');
    this.lines = createInterface({ input: this.child.stdout });
  }

  /** Waits until it listens. */
  async connect(): Promise<KongClient> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await KongClient.connect(this.socket);
      } catch (error) {
        if (attempt === 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** Microseconds of CPU since it started, user and system, all threads. */
  async cpuMicroseconds(): Promise<number> {
    const line = once(this.lines, 'line') as Promise<[string]>;
    this.child.kill('SIGUSR2');
    return Number((await line)[0].replace('cpu ', ''));
  }

  stop(): void {
    this.child.kill('SIGTERM');
  }
}
