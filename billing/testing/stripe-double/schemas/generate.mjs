// Writes requests.json. Run after the `stripe` package changes: node billing/testing/stripe-double/schemas/generate.mjs
import { build } from 'esbuild';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const bundle = path.join(here, 'generate-schemas.unfinished.mjs');
try {
  await build({
    entryPoints: [path.join(here, 'generate-schemas.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  const { generateSchemas, printSchemas } = await import(pathToFileURL(bundle).href);
  const sdk = path.resolve(path.dirname(createRequire(import.meta.url).resolve('stripe')), '..');
  const schemas = generateSchemas({ sdk, types: path.join(here, 'parameter-types.ts') });
  writeFileSync(path.join(here, 'requests.json'), printSchemas(schemas));
} finally {
  rmSync(bundle, { force: true });
}
