import { spawn } from 'node:child_process';
import { seconds } from './portal-root.mjs';
import { endWithUs } from './stopping.mjs';

/** How often a long step says that it is alive. */
const PROGRESS_SECONDS = 15;

/** What is kept of the output, to be shown when the step fails. */
const KEPT_CHARACTERS = 20_000;

/**
 * Runs a long step, with a line now and then. Resolves with the time it took; rejects with the end of its output.
 * @param {{ label: string, expected: string, command: string, args: readonly string[], cwd: string, env?: object,
 *   print: (line: string) => void }} step
 */
export function runWithProgress({ label, expected, command, args, cwd, env = {}, print }) {
  const startedAt = Date.now();
  print(`${label} (${expected}) ...`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    const forget = endWithUs(() => child.kill('SIGTERM'));
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk.toString()).slice(-KEPT_CHARACTERS);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setInterval(() => print(`  ${label}: ${seconds(startedAt)}`), PROGRESS_SECONDS * 1000);
    const end = (why) => {
      clearInterval(timer);
      forget();
      if (why === undefined) resolve(seconds(startedAt));
      else reject(new Error(`${output.trim()}\n\n${label}: ${why}`));
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(code === 0 ? undefined : `ended with ${code ?? signal}`));
  });
}
