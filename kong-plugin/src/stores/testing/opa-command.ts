import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `go install` puts it into a folder that is often not on PATH. */
const goFolders = (): readonly string[] => {
  try {
    const [bin, gopath] = execFileSync('go', ['env', 'GOBIN', 'GOPATH'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).split('\n');
    return [...(bin ? [bin] : []), ...(gopath ?? '').split(path.delimiter).map((folder) => path.join(folder, 'bin'))];
  } catch {
    return [];
  }
};

const findOpa = (): string | undefined => {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter);
  const candidates = (folders: readonly string[]) =>
    folders
      .filter((folder) => folder !== '')
      .map((folder) => path.join(folder, 'opa'))
      .find((file) => existsSync(file));
  return candidates(onPath) ?? candidates(goFolders());
};

const opa = findOpa();

export const hasOpa = opa !== undefined;

/** For titles: says why a suite is skipped. */
export const opaTitle = hasOpa ? 'a real OPA' : 'a real OPA (skipped: no opa on PATH, see docs/opa.md)';

const command = (): string => {
  if (opa === undefined) throw new Error('opa is not installed');
  return opa;
};

/** Runs `opa` to its end; rejects with what it said when it fails. */
export const runOpa = async (args: readonly string[]): Promise<string> => {
  const { stdout } = await run(command(), [...args], { timeout: 60_000 });
  return stdout;
};

/** Files by name in a folder of their own. */
export const writeFiles = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'opa-'));
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(path.join(folder, name), text)));
  return folder;
};

export interface Build {
  /** Files or folders with Rego and data. */
  readonly paths: readonly string[];
  readonly entrypoint: string;
  readonly output: string;
}

/** `opa build -t wasm`. */
export const buildBundle = async ({ paths, entrypoint, output }: Build): Promise<void> => {
  await runOpa([
    'build',
    '-t',
    'wasm',
    '-e',
    entrypoint,
    '-o',
    output,
    '--ignore',
    '*_test.rego',
    '--ignore',
    '*.ts',
    ...paths,
  ]);
};

export interface OpaServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts `opa run --server` on a free port of the loopback interface and waits until it is healthy. */
export const startOpa = async (
  paths: readonly string[],
  options: { readonly port?: number } = {},
): Promise<OpaServer> => {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const args = ['run', '--server', '--skip-version-check', '--log-level', 'error', '--addr', `127.0.0.1:${port}`];
  const child = spawn(command(), [...args, '--ignore', '*.ts', ...paths], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (text: Buffer) => said.push(text.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (!(await isHealthy(url, child))) {
    child.kill('SIGKILL');
    throw new Error(`opa did not start: ${said.join('')}`);
  }
  return {
    url,
    port,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

const isHealthy = async (url: string, child: ChildProcess): Promise<boolean> => {
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt += 1) {
    const response = await fetch(`${url}/health`).catch(() => undefined);
    if (response?.status === 200) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
