import { readFileSync } from 'node:fs';
import { failure, success, type Result } from '../domain/result.ts';
import { peekCounters } from './live/peek-counters.ts';
import { runCli } from './run-cli.ts';

const code = runCli(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  readFile,
  now: Date.now,
  environment: (name) => process.env[name],
  peekCounters,
});
void Promise.resolve(code).then((value) => (process.exitCode = value));

/** A reader that stops early (`| head`) is no error. */
process.stdout.on('error', () => process.exit());

function readFile(file: string): Result<string, string> {
  try {
    // `-` is standard input.
    return success(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    return failure(explain(error));
  }
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'this user may not read it';
  if (code === 'EISDIR') return 'this is a directory';
  return error instanceof Error ? error.message : String(error);
}
