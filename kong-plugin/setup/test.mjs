// `npm test`: format, lint, types, then every test, then the portal's own. Arguments go to vitest: `npm test -- billing/src`;
// `npm test -- backstage-plugins` runs the portal's tests alone, and --no-portal leaves them out.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { prepare, root } from './preflight.mjs';

prepare();

const withoutPortal = process.argv.includes('--no-portal');
const filters = process.argv.slice(2).filter((argument) => argument !== '--no-portal');
const ofPortal = filters.filter((filter) => filter.startsWith('backstage-plugins'));
const ofOthers = filters.filter((filter) => !filter.startsWith('backstage-plugins'));
const checks = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['types', 'tsc', ['--noEmit']],
];
const failed =
  filters.length > 0 ? [] : checks.filter(([name, tool, args]) => !run(name, tool, args)).map(([name]) => name);
if ((filters.length === 0 || ofOthers.length > 0) && !run('tests', 'vitest', ['run', ...ofOthers]))
  failed.push('tests');
if ((filters.length === 0 && !withoutPortal) || ofPortal.length > 0) if (!testPortal()) failed.push('portal');
if (failed.length > 0) {
  process.stderr.write(`\nFailed: ${failed.join(', ')}. The lines above say what.\n`);
  process.exit(1);
}

function run(name, tool, args) {
  process.stdout.write(`\n> ${name}\n`);
  const bin = path.join(root, 'node_modules/.bin', tool);
  return spawnSync(bin, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}

/** Its packages are a workspace of their own, installed at the first run. */
function testPortal() {
  process.stdout.write('\n> portal\n');
  const script = path.join(root, 'backstage-plugins/setup/test.mjs');
  const inner = ofPortal.map((filter) => filter.replace(/^backstage-plugins\/?/, '')).filter((filter) => filter !== '');
  return spawnSync(process.execPath, [script, ...inner], { cwd: root, stdio: 'inherit' }).status === 0;
}
