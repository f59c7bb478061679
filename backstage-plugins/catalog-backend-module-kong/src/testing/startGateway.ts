import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Gateway {
  readonly adminUrl: string;
  readonly proxyUrl: string;
  close(): Promise<void>;
}

const root = path.resolve(__dirname, '../../../..');

/** The project's own demo (kong.yml, MCP server, REST API) behind its local gateway, on free ports. */
export const startGateway = async (): Promise<Gateway> => {
  const data = mkdtempSync(path.join(tmpdir(), 'portal-gateway-'));
  const child = spawn(
    process.execPath,
    [
      ...[path.join(root, 'kong-plugin/setup/start.mjs'), '--no-kong', '--no-tour'],
      ...['--port', '0', '--admin-port', '0', '--data', data],
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const close = async (): Promise<void> => {
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const output = await outputUntil(child, 'Stop with Ctrl-C.');
    return {
      adminUrl: addressAfter(output, 'Admin API'),
      proxyUrl: originOf(addressAfter(output, 'MCP server')),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const outputUntil = (child: ChildProcess, end: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes(end)) resolve(output);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`The gateway ended before it was ready:\n${output}`)));
  });

const addressAfter = (output: string, label: string): string => {
  const found = new RegExp(`${label}\\s+(http://\\S+)`).exec(output)?.[1];
  if (found === undefined) throw new Error(`The gateway did not say where its ${label} is:\n${output}`);
  return found;
};

const originOf = (url: string): string => new URL(url).origin;
