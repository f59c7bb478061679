// Installs the portal's packages when the lock file or a package.json changed.
import path from 'node:path';
import { fingerprint, isCurrent, keepStamp } from './fingerprint.mjs';
import { fail, packages, portalRoot } from './portal-root.mjs';
import { runWithProgress } from './run-with-progress.mjs';

const stamp = path.join(portalRoot, 'node_modules/.portal-installed');

const state = () =>
  fingerprint(['package.json', 'package-lock.json', '.npmrc', ...packages.map((name) => `${name}/package.json`)]);

/**
 * `npm install`, not `npm ci`: the lock names optional packages for other platforms, and `npm ci` fails where a registry
 * lacks one of them.
 */
export async function installPortal(print) {
  if (isCurrent(stamp, state())) return;
  const took = await runWithProgress({
    label: 'Installing the packages of the portal',
    expected: 'about 3,000 and 1.7 GB: two to four minutes the first time',
    command: 'npm',
    args: ['install', '--no-audit', '--no-fund', '--loglevel', 'error'],
    cwd: portalRoot,
    print,
  }).catch((error) =>
    fail(`${error.message}. The lines above say why; without a network, run it once where there is one.`),
  );
  print(`  installed in ${took}`);
  // Read again: npm may have completed the lock file for this platform.
  keepStamp(stamp, state());
}
