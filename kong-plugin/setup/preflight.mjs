// What must be true before anything is installed or started. Plain JavaScript without dependencies: it runs on a fresh
// machine and on any Node, so that an old one is told so instead of failing with a syntax error.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const OLDEST_NODE = [20, 19];

/** Ends the process with one sentence: what is wrong and what mends it. */
export function fail(sentence) {
  process.stderr.write(`\n${sentence}\n`);
  process.exit(1);
}

/** Checks Node and the folder, installs the packages when they are missing or older than the lock file. */
export function prepare() {
  checkNode(process.versions.node);
  checkWritable();
  installIfNeeded();
}

export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]))
    fail(
      `This needs Node ${OLDEST_NODE.join('.')} or newer, and this is Node ${version}: install a current one (for example with "nvm install 22") and run the command again.`,
    );
}

function checkWritable() {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    fail(
      `The folder ${root} cannot be written to, and packages and data go there: copy the project to a folder of yours, or change its permissions.`,
    );
  }
}

function installIfNeeded() {
  const stamp = path.join(root, 'node_modules/.mcp-governance-installed');
  const lock = path.join(root, 'package-lock.json');
  const current = `${readFileSync(lock, 'utf8').length}:${process.versions.modules}:${statSync(path.join(root, 'package.json')).size}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === current) return;
  process.stdout.write('Installing packages (first run only, about 20 seconds) ...\n');
  const npm = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel', 'error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.error !== undefined)
    fail(
      `npm could not be started (${npm.error.message}): install npm, which comes with Node, and run the command again.`,
    );
  if (npm.status !== 0)
    fail('npm install failed: the lines above say why. Without a network, run it once where there is one.');
  writeFileSync(stamp, current);
}
