// Bundles the benchmarks of billing and runs them: node billing/bench/run.mjs [ingest ...]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';

const folder = import.meta.dirname;
const outfile = path.join(folder, '..', 'dist', 'bench.mjs');
await build({
  entryPoints: [path.join(folder, 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});
process.exit(spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1);
