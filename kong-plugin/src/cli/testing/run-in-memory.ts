import { readFileSync } from 'node:fs';
import path from 'node:path';
import { failure, success } from '../../domain/result.ts';
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

/** Runs a command line over files in memory. */
export const run = (argv: readonly string[], files: Readonly<Record<string, string>> = {}): Ran => {
  let out = '';
  let err = '';
  const code = runCli(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    readFile: (file) => {
      const text = Object.hasOwn(files, file) ? files[file] : undefined;
      return text === undefined ? failure('there is no such file') : success(text);
    },
    now: () => sunday,
  });
  return { code, out, err };
};

/** Its answer with `--json`, parsed. */
export const runJson = (argv: readonly string[], files: Readonly<Record<string, string>>) =>
  JSON.parse(run([...argv, '--json'], files).out);
