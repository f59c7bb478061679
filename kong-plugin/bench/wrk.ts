import { spawn } from 'node:child_process';

export interface WrkLoad {
  readonly url: string;
  /** Lua that makes the request. */
  readonly script: string;
  readonly seconds: number;
  readonly connections: number;
  /** Read when requests fail. */
  readonly errorLog: () => string;
}

/** Latencies in microseconds. */
export interface WrkResult {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** wrk from one thread, keep-alive. Throws when a request fails. */
export const runWrk = async (binary: string, load: WrkLoad): Promise<WrkResult> => {
  const child = spawn(
    binary,
    [
      ...['--threads', '1', '--connections', String(load.connections), '--duration', `${load.seconds}s`, '--latency'],
      ...['--script', load.script, load.url],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  if (/Non-2xx|Socket errors/.test(text))
    throw new Error(`requests failed:\n${text}\n${load.errorLog().slice(0, 2_000)}`);
  return readResult(text);
};

const readResult = (text: string): WrkResult => {
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const time = (share: string): number => {
    const [, value = '', unit = ''] = new RegExp(`${share}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? [];
    return Number(value) * ({ us: 1, ms: 1_000, s: 1_000_000 }[unit] ?? Number.NaN);
  };
  return {
    requests: number(/(\d+) requests in/),
    p50: time('50'),
    p99: time('99'),
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
  };
};
