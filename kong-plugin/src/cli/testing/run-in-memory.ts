import { readFileSync } from 'node:fs';
import path from 'node:path';
import { failure, success } from '../../domain/result.ts';
import type { PeekCounters } from '../live/counter-source.ts';
import { runCli } from '../run-cli.ts';

/** The repository's own kong.yml. */
export const shippedKongFile = readFileSync(path.resolve(import.meta.dirname, '../../../../kong.yml'), 'utf8');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** 2026-03-01T12:00:00Z, a Sunday. */
export const sunday = Date.UTC(2026, 2, 1, 12);

/** What a command line may ask besides its files. */
export interface Around {
  readonly environment?: Readonly<Record<string, string>>;
  readonly peekCounters?: PeekCounters;
}

/** Runs a command line over files in memory. */
export const run = (argv: readonly string[], files: Readonly<Record<string, string>> = {}): Ran => {
  const { code, texts } = start(argv, files, {});
  if (code instanceof Promise) throw new Error('this command line asks something: use runAsking');
  return { code, ...texts };
};

/** One that asks counters. */
export const runAsking = async (
  argv: readonly string[],
  files: Readonly<Record<string, string>>,
  around: Around,
): Promise<Ran> => {
  const { code, texts } = start(argv, files, around);
  return { code: await code, ...texts };
};

const start = (argv: readonly string[], files: Readonly<Record<string, string>>, around: Around) => {
  const texts = { out: '', err: '' };
  const code = runCli(argv, {
    out: (text) => void (texts.out += text),
    err: (text) => void (texts.err += text),
    readFile: (file) => {
      const text = Object.hasOwn(files, file) ? files[file] : undefined;
      return text === undefined ? failure('there is no such file') : success(text);
    },
    now: () => sunday,
    environment: (name) => around.environment?.[name],
    peekCounters: around.peekCounters ?? (() => Promise.resolve(failure('nobody counts here'))),
  });
  return { code, texts };
};

/** Its answer with `--json`, parsed. */
export const runJson = (argv: readonly string[], files: Readonly<Record<string, string>>) =>
  JSON.parse(run([...argv, '--json'], files).out);
