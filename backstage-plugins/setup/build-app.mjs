// Builds the browser's part when its sources changed.
import path from 'node:path';
import { fingerprint, isCurrent, keepStamp } from './fingerprint.mjs';
import { fail, portalRoot, requirePortal } from './portal-root.mjs';
import { runWithProgress } from './run-with-progress.mjs';

const appFolder = path.join(portalRoot, 'app');
// Beside dist and not in it: the build empties dist first.
const stamp = path.join(portalRoot, '.data/app-built');

const sources = [
  ...['app/src', 'app/public', 'app/package.json', 'app/config.d.ts'],
  ...['tool-catalog/src', 'tool-catalog/package.json', 'tool-catalog/config.d.ts', 'tool-catalog-common/src'],
  ...['package-lock.json', 'app-config.yaml'],
];

export async function buildApp(print) {
  const state = fingerprint(sources);
  if (isCurrent(stamp, state) && isCurrent(path.join(appFolder, 'dist/.built'), state)) return;
  const took = await runWithProgress({
    label: 'Building the portal for the browser',
    expected: 'half a minute, only when its sources changed',
    command: process.execPath,
    args: [cliBinary(), 'package', 'build', '--config', '../app-config.yaml', '--config', '../app-config.demo.yaml'],
    cwd: appFolder,
    env: { NODE_ENV: 'production' },
    print,
  }).catch((error) => fail(error.message));
  print(`  built in ${took}`);
  keepStamp(path.join(appFolder, 'dist/.built'), state);
  keepStamp(stamp, state);
}

const cliBinary = () =>
  path.join(path.dirname(requirePortal.resolve('@backstage/cli/package.json')), 'bin/backstage-cli');
