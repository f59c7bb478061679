// Bundles the double for the running Node and starts it: node billing/testing/stripe-double/run.mjs --help
import { build } from 'esbuild';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Gives the path of the bundle; packages stay in node_modules. */
export async function buildStripeDouble() {
  const outfile = path.resolve(here, '../../dist/stripe-double.mjs');
  const { outputFiles } = await build({
    entryPoints: [path.join(here, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
  });
  mkdirSync(path.dirname(outfile), { recursive: true });
  // Whole files only: another start may be reading it.
  const unfinished = `${outfile}.${process.pid}`;
  writeFileSync(unfinished, outputFiles[0].contents);
  renameSync(unfinished, outfile);
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await import(pathToFileURL(await buildStripeDouble()).href);
