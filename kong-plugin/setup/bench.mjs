// `npm run bench`: what governance costs, each figure as a ratio of two things measured in one run, and what the ledger of
// `billing/` takes. `npm run bench -- gateway ingest` runs those parts alone.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { prepare, root } from './preflight.mjs';

prepare();
const { build, buildBench } = await import('../build.mjs');
await build();
const benches = [
  { file: await buildBench(), parts: ['decisions', 'end-to-end', 'socket', 'gateway', 'spool'] },
  { file: path.join(root, 'billing', 'bench', 'run.mjs'), parts: ['ingest', 'close', 'usage'] },
];
const chosen = process.argv.slice(2);
const unknown = chosen.find((part) => !benches.some(({ parts }) => parts.includes(part)));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}". Parts: ${benches.flatMap(({ parts }) => parts).join(', ')}.`);
  process.exit(2);
}
for (const { file, parts } of benches) {
  const wanted = chosen.filter((part) => parts.includes(part));
  if (chosen.length > 0 && wanted.length === 0) continue;
  const { status } = spawnSync(process.execPath, [file, ...wanted], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
