// Bundles what runs: the command line, which is also the server, and the demo. Packages stay in node_modules: PostgreSQL's
// binaries are found there, and knex loads its dialects by name.
import { build as esbuild } from 'esbuild';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

const entries = { 'stoa-billing': 'src/cli/main.ts', 'billing-demo': 'demo/index.ts' };

/** Whole files only: a process that starts meanwhile must not read half of one. Gives the bundles' paths by name. */
export async function build(names = Object.keys(entries)) {
  const { outputFiles } = await esbuild({
    entryPoints: Object.fromEntries(names.map((name) => [name, path.join(here, entries[name])])),
    outdir: path.join(here, 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
  });
  for (const { path: file, contents } of outputFiles) {
    mkdirSync(path.dirname(file), { recursive: true });
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, contents);
    renameSync(unfinished, file);
  }
  return Object.fromEntries(names.map((name) => [name, path.join(here, 'dist', `${name}.mjs`)]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
