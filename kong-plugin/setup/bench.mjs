// `npm run bench`: what governance costs, each figure as a ratio of two things measured in one run.
import { spawnSync } from 'node:child_process';
import { prepare, root } from './preflight.mjs';

prepare();
const { build, buildBench } = await import('../build.mjs');
await build();
const bench = await buildBench();
process.exit(
  spawnSync(process.execPath, [bench, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }).status ?? 1,
);
