import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { failure, success, type Result } from '../domain/result.ts';
import { exitCodes } from './io.ts';
import { runCli } from './run-cli.ts';

/** Of one Ctrl-C, which the terminal and npm both pass on. */
const SAME_SIGNAL_MILLISECONDS = 1_000;

const interrupted = new AbortController();
let interruptedAt = Infinity;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // Whoever asks again does not want to wait.
    if (performance.now() - interruptedAt > SAME_SIGNAL_MILLISECONDS) process.exit(130);
    interruptedAt = Math.min(interruptedAt, performance.now());
    interrupted.abort();
  });

/** A reader that stops early (`| head`) is no error. */
process.stdout.on('error', () => process.exit());

try {
  process.exitCode = await runCli(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    showsProgress: process.stderr.isTTY,
    environment: process.env,
    readFile,
    writeFile,
    now: Date.now,
    signal: interrupted.signal,
  });
} catch (error) {
  process.stderr.write(`stoa-billing: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = exitCodes.defect;
}

function readFile(file: string): Result<string, string> {
  try {
    // `-` is standard input.
    return success(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    return failure(explain(error));
  }
}

/** A gateway that reads meanwhile must not read half of it. */
function writeFile(file: string, text: string): Result<undefined, string> {
  try {
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, text);
    renameSync(unfinished, file);
    return success(undefined);
  } catch (error) {
    return failure(explain(error));
  }
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES') return 'this user may not use it';
  if (code === 'EISDIR') return 'this is a directory';
  return error instanceof Error ? error.message : String(error);
}
