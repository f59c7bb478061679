// `npm test` in this folder, and a part of the project's own `npm test`: lint, types, then every test. Arguments go to
// vitest; `--lint` and `--types` do only that.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { installPortal } from './install.mjs';
import { fail, portalRoot, runCommand } from './portal-root.mjs';

const only = process.argv.slice(2).filter((argument) => argument === '--lint' || argument === '--types');
const filters = process.argv.slice(2).filter((argument) => !only.includes(argument));

await runCommand(async () => {
  await installPortal((line) => process.stdout.write(`${line}\n`));
  const failed = chosen()
    .filter((check) => !check())
    .map(({ name }) => name);
  if (failed.length > 0) fail(`Failed in backstage-plugins: ${failed.join(', ')}. The lines above say what.`);
});

function chosen() {
  if (only.length > 0) return [lint, types].filter(({ name }) => only.includes(`--${name}`));
  return filters.length > 0 ? [tests] : [lint, types, tests];
}

function lint() {
  return run('eslint', ['--ext', '.ts,.tsx,.js,.mjs', '--max-warnings', '0', '.']);
}

function types() {
  return run('tsc', ['--noEmit', '--incremental', 'false']);
}

function tests() {
  return run('vitest', ['run', ...filters]);
}

function run(tool, args) {
  process.stdout.write(`\n> backstage-plugins: ${tool}\n`);
  const bin = path.join(portalRoot, 'node_modules/.bin', tool);
  const { status } = spawnSync(bin, args, {
    cwd: portalRoot,
    // Backstage's ESLint 8 would find the flat configuration of the folder above.
    env: { ...process.env, ESLINT_USE_FLAT_CONFIG: 'false' },
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return status === 0;
}
