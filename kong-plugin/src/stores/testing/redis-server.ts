import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.ts';

export const hasRedisServer = spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Stops answering without closing a connection. */
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
  /** On the same port; nothing was stored, so it comes back empty. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A real redis-server that keeps nothing on disk. */
export const startRedisServer = async (flags: readonly string[] = []): Promise<RedisServer> => {
  const port = await freePort();
  const directory = await mkdtemp(path.join(tmpdir(), 'counter-redis-'));
  const launch = async (): Promise<ChildProcess> => {
    const started = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no', ...flags],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    for await (const chunk of started.stdout ?? []) if (String(chunk).includes('Ready to accept connections')) break;
    return started;
  };
  let server = await launch();
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    kill,
    start: async () => {
      server = await launch();
    },
    close: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
