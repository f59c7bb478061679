// One Node process that serves the app and all APIs. TypeScript of the workspaces is transpiled as it is loaded.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fail, portalRoot, requirePortal } from './portal-root.mjs';
import { endWithUs } from './stopping.mjs';

/** From the start to the first sign-in; measured: 8 to 25 s on two busy cores. */
const READY_TIMEOUT_SECONDS = 180;

const POLL_MILLISECONDS = 250;

/**
 * Starts the portal and resolves when a person of the demo can sign in, or the APIs are up where there is no demo sign-in;
 * `ended` then resolves with the exit code or signal.
 * @param {{ url: string, env: object, configs: readonly string[], logFile: string, person?: string }} options
 */
export async function startBackend({ url, env, configs, logFile, person }) {
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const child = spawn(
    process.execPath,
    [
      ...['--require', requirePortal.resolve('@backstage/cli/config/nodeTransform.cjs'), 'src/index'],
      ...configs.flatMap((config) => ['--config', config]),
    ],
    { cwd: path.join(portalRoot, 'backend'), env: { ...process.env, ...env }, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  endWithUs(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await waitUntilReady({ url, person, child, logFile });
  return { ended };
}

async function waitUntilReady({ url, person, child, logFile }) {
  for (const end = Date.now() + READY_TIMEOUT_SECONDS * 1000; Date.now() < end;) {
    if (child.exitCode !== null || child.signalCode !== null)
      fail(`${endOf(logFile)}\n\nThe portal ended while it was starting. Its log: ${logFile}`);
    if (await isReady(url, person)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
  fail(`${endOf(logFile)}\n\nThe portal was not ready within ${READY_TIMEOUT_SECONDS} s. Its log: ${logFile}`);
}

/** People come from the catalog, which reads its files a few seconds after the APIs are up. */
async function isReady(url, person) {
  const isOk = (path, headers = {}) =>
    fetch(`${url}${path}`, { headers }).then(
      ({ ok }) => ok,
      () => false,
    );
  if (!(await isOk('/.backstage/health/v1/readiness'))) return false;
  return person === undefined || isOk('/api/auth/demo/refresh', { 'x-demo-user': person });
}

/** The lines that say why: errors if there are any, else the last ones. */
function endOf(logFile) {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  const errors = lines.filter((line) => /\berror\b/i.test(line));
  return (errors.length > 0 ? errors : lines).slice(-20).join('\n');
}
