// `npm test`: format, lint, types, then every test. Arguments go to vitest: `npm test -- kong-plugin/src/domain`.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { prepare, root } from './preflight.mjs';

prepare();

const filters = process.argv.slice(2);
const checks = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['types', 'tsc', ['--noEmit']],
];
const failed =
  filters.length > 0 ? [] : checks.filter(([name, tool, args]) => !run(name, tool, args)).map(([name]) => name);
if (!run('tests', 'vitest', ['run', ...filters])) failed.push('tests');
if (failed.length > 0) {
  process.stderr.write(`\nFailed: ${failed.join(', ')}. The lines above say what.\n`);
  process.exit(1);
}

function run(name, tool, args) {
  process.stdout.write(`\n> ${name}\n`);
  const bin = path.join(root, 'node_modules/.bin', tool);
  return spawnSync(bin, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}
