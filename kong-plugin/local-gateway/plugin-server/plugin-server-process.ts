import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { SocketConnection } from './socket-connection.ts';

/** Kong starts a plugin server at most once a second. */
const RESPAWN_INTERVAL_MS = 1_000;
/** After SIGTERM; then SIGKILL, so that closing the gateway always ends. */
const STOP_GRACE_MS = 3_000;

export interface PluginServerProcessOptions {
  readonly command: readonly string[];
  readonly log: (line: string) => void;
}

/** Starts the plugin server with an empty environment (nginx clears it) and again whenever it dies. A hung one is left alone. */
export class PluginServerProcess {
  private child: ChildProcess | undefined;
  private nextSpawnAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly options: PluginServerProcessOptions) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    if (this.stopped) return;
    const wait = this.nextSpawnAt - Date.now();
    if (wait > 0) this.timer = setTimeout(() => this.spawnNow(), wait);
    else this.spawnNow();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    // A stopped (SIGSTOP) process takes no SIGTERM until it continues.
    child.kill('SIGCONT');
    await exited;
    clearTimeout(kill);
  }

  private spawnNow(): void {
    if (this.stopped) return;
    const [file = '', ...parameters] = this.options.command;
    this.nextSpawnAt = Date.now() + RESPAWN_INTERVAL_MS;
    const child = spawn(file, parameters, {
      env: { PATH: process.env['PATH'] ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.options.log(`[plugin server] started, pid ${child.pid ?? 'none'}`);
    this.copyOutput(child.stdout);
    this.copyOutput(child.stderr);
    child.once('error', (error) => this.options.log(`[plugin server] cannot start ${file}: ${error.message}`));
    child.once('close', (code, signal) => {
      if (this.child === child) this.child = undefined;
      this.options.log(`[plugin server] terminated: ${signal ?? `exit ${code ?? '?'}`}`);
      this.start();
    });
  }

  private copyOutput(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => this.options.log(`[plugin server] ${line}`));
  }
}

/** Waits until the plugin server listens; false when it does not in time (Kong does not wait: its first requests get 500). */
export const waitForSocket = async (path: string, timeoutMs: number): Promise<boolean> => {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    const connection = await SocketConnection.open(path).catch(() => undefined);
    if (connection !== undefined) {
      connection.close();
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
};
