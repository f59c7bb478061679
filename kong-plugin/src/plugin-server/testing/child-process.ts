import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const packageFolder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** The launcher that ships; it runs the bundle in `dist`. */
export const launcher = path.join(packageFolder, 'bin/mcp-governance-pluginserver.cjs');

/** kong-pdk 0.6.0's own. */
export const stockLauncher = path.join(packageFolder, '../node_modules/kong-pdk/bin/kong-js-pluginserver');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly finished: Promise<Finished>;
}

export function startProcess(script: string, parameters: readonly string[]): ServerProcess {
  const child = spawn(process.execPath, [script, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, stderr: () => stderr, finished };
}

/** Resolves when something accepts connections; fails when the process ends before. */
export async function waitForSocket(server: ServerProcess, socketPath: string): Promise<void> {
  let ended = false;
  void server.finished.then(() => (ended = true));
  while (!(await accepts(socketPath))) {
    if (ended) throw new Error(`the plugin server ended: ${server.stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const accepts = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(socketPath);
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });

/** Writes a CommonJS plugin `name` and returns the directory for `--plugins-directory`. */
export async function writePlugin(
  directory: string,
  { name, source }: { name: string; source: string },
): Promise<string> {
  const folder = path.join(directory, 'plugins');
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(path.join(folder, `${name}.js`), source);
  return folder;
}
