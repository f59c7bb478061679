import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SocketListener } from './socket-listener.ts';
import { listenOnSocket } from './socket-listener.ts';
import { makeDirectory } from './testing/test-server.ts';

const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };

let directory: string;
let socketPath: string;
const open: SocketListener[] = [];

beforeEach(async () => {
  directory = await makeDirectory();
  socketPath = path.join(directory, 'k.sock');
});

afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close();
  await fs.rm(directory, { recursive: true, force: true });
});

const listen = async (
  options: { readonly takeOver?: boolean; readonly pid?: number; readonly greeting?: string } = {},
) => {
  const { takeOver = false, pid = 1, greeting = '' } = options;
  const onConnection = (socket: net.Socket) => void socket.on('error', silent).end(greeting);
  const listening = await listenOnSocket({ socketPath, takeOver, pid, logger, onConnection });
  if (listening.ok) open.push(listening.value);
  return listening;
};

const greetingAt = (socket: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const client = net.connect(socket);
    let text = '';
    client.on('data', (chunk) => (text += chunk.toString()));
    client.on('error', reject);
    client.on('close', () => resolve(text));
  });

describe('listenOnSocket', () => {
  it('listens with mode 0660 and leaves no other file behind', async () => {
    expect((await listen({ greeting: 'hello' })).ok).toBe(true);
    expect(await greetingAt(socketPath)).toBe('hello');
    expect((await fs.stat(socketPath)).mode & 0o777).toBe(0o660);
    expect(await fs.readdir(directory)).toEqual(['k.sock']);
  });

  it('replaces the stale socket of a process that was killed', async () => {
    const script = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await promisify(execFile)(process.execPath, ['-e', script]).catch(() => undefined);
    expect((await fs.lstat(socketPath)).isSocket()).toBe(true);
    expect((await listen({ greeting: 'new' })).ok).toBe(true);
    expect(await greetingAt(socketPath)).toBe('new');
  });

  it('refuses a socket where another server is alive, and leaves that server alone', async () => {
    await listen({ pid: 1, greeting: 'first' });
    const second = await listen({ pid: 2, greeting: 'second' });
    expect(second.ok ? '' : second.error).toContain('another plugin server is listening at');
    expect(await greetingAt(socketPath)).toBe('first');
  });

  it('takes a live socket over when asked to, and the old server does not remove it when it closes', async () => {
    const first = await listen({ pid: 1, greeting: 'first' });
    const second = await listen({ pid: 2, greeting: 'second', takeOver: true });
    if (!first.ok || !second.ok) throw new Error('not listening');
    expect(await first.value.isCurrent()).toBe(false);
    expect(await second.value.isCurrent()).toBe(true);
    await first.value.close();
    expect(await greetingAt(socketPath)).toBe('second');
  });

  it('removes its own socket when it closes', async () => {
    const listening = await listen();
    if (listening.ok) await listening.value.close();
    expect(await fs.readdir(directory)).toEqual([]);
  });

  it('never removes a file that is not a socket', async () => {
    await fs.writeFile(socketPath, 'data');
    const listening = await listen({ takeOver: true });
    expect(listening.ok ? '' : listening.error).toContain('is not a socket');
    expect(await fs.readFile(socketPath, 'utf8')).toBe('data');
  });

  it('refuses a path that does not fit a Unix socket address, instead of listening at a cut one', async () => {
    socketPath = path.join(directory, 'x'.repeat(100));
    const listening = await listen();
    expect(listening.ok ? '' : listening.error).toContain('too long for a Unix socket');
  });

  it('says why it cannot listen when the directory is missing', async () => {
    socketPath = path.join(directory, 'missing', 'k.sock');
    const listening = await listen();
    expect(listening.ok ? '' : listening.error).toContain('cannot listen at');
  });
});
