import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { WrkResult } from './wrk.ts';

export interface LoadOptions {
  readonly script: string;
  readonly seconds: number;
  readonly connections: number;
}

/** A gateway of one worker with a route for each side of a comparison. */
export interface MeasuredGateway {
  /** What is measured, for a title. */
  readonly name: string;
  /** Microseconds of CPU that the worker has used, in steps of the kernel's clock tick (10 ms). */
  cpuMicroseconds(): number;
  load(route: string, options: LoadOptions): Promise<WrkResult>;
  stop(): Promise<void>;
}

/** A plugin of a plugin server that is running, as one route has it. */
export interface MeasuredPlugin {
  readonly socket: string;
  readonly config: object;
  readonly guarded: boolean;
}

export const cpuMicrosecondsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
};

/** The first worker of an nginx master. */
export const workerOf = (master: number): number => {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(master)], { encoding: 'utf8' });
  return Number(stdout.trim().split('\n')[0]);
};

export const listening = async (port: number): Promise<void> => {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const connected = await new Promise<boolean>((resolve) => {
      const probe = connect(port, '127.0.0.1');
      probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
      probe.once('connect', () => probe.destroy());
    });
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nginx does not listen at port ${port}`);
};
