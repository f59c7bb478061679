import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

interface Input {
  readonly kind: 'redis' | 'postgres';
  readonly url: string;
  readonly key: string;
  readonly now: number;
}

/** Four node processes that take 50 times each at the same moment; answers how many were granted to each. */
export const takeFromProcesses = async ({ kind, url, key, now }: Input): Promise<readonly number[]> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'counter-nodes-'));
  const file = path.join(directory, 'take-many.cjs');
  try {
    await build({
      entryPoints: [path.join(import.meta.dirname, 'take-many.ts')],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
      external: ['pg-native'],
    });
    const nodes = [1, 2, 3, 4].map((node) => startNode([file, kind, url, key, String(node), String(now)]));
    await Promise.all(nodes.map((node) => node.waitFor('ready')));
    nodes.forEach((node) => node.go());
    return await Promise.all(nodes.map(async (node) => Number((await node.waitFor('granted')).split(' ')[1])));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const startNode = (args: readonly string[]) => {
  const child = spawn(process.execPath, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  let onOutput = (): void => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    onOutput();
  });
  const waitFor = (word: string): Promise<string> =>
    new Promise((resolve, reject) => {
      onOutput = () => {
        const line = output.split('\n').find((each) => each.startsWith(word));
        if (line !== undefined && output.endsWith('\n')) resolve(line);
      };
      child.once('exit', (code) => reject(new Error(`a node ended with ${code} before it said ${word}`)));
      onOutput();
    });
  return { waitFor, go: () => void child.stdin.write('go\n') };
};
