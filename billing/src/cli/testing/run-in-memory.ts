import { failure, success } from '../../domain/result.ts';
import type { Environment } from '../../host/billing-settings.ts';
import { runCli } from '../run-cli.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface World {
  readonly environment?: Environment;
  readonly files?: Record<string, string>;
  readonly now?: number;
  readonly showsProgress?: boolean;
}

/** 2026-12-03T12:00:00Z: November is over. */
export const CLI_NOW = Date.parse('2026-12-03T12:00:00Z');

/** Runs a command line over files in memory; written files land there too. */
export const run = async (argv: readonly string[], world: World = {}): Promise<Ran> => {
  const { environment = {}, files = {}, now = CLI_NOW, showsProgress = false } = world;
  let out = '';
  let err = '';
  const code = await runCli(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    showsProgress,
    environment: { USER: 'tester', ...environment },
    readFile: (file) => {
      const text = Object.hasOwn(files, file) ? files[file] : undefined;
      return text === undefined ? failure('there is no such file') : success(text);
    },
    writeFile: (file, text) => {
      files[file] = text;
      return success(undefined);
    },
    now: () => now,
    signal: new AbortController().signal,
  });
  return { code, out, err };
};

/** Its answer with `--json`, parsed. */
export const runJson = async (argv: readonly string[], world: World = {}) =>
  JSON.parse((await run([...argv, '--json'], world)).out);
