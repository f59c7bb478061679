// Bundles what runs: the plugin server as one CommonJS file (all a Kong node needs besides a `node` binary), and the
// demo and the benchmark, which stay in this checkout.
import { build as esbuild } from 'esbuild';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

/** kong-pdk registers ts-node on import (0.5 s and 60 MB at start); the bundle is JavaScript, so nothing needs it. */
const withoutTsNode = {
  name: 'without-ts-node',
  setup(build) {
    build.onResolve({ filter: /^ts-node$/ }, () => ({ path: 'ts-node', namespace: 'empty' }));
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({
      contents: 'exports.register = () => undefined;',
      loader: 'js',
    }));
  },
};

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'warning',
};

/** Whole files only: a plugin server that starts meanwhile must not read half of one. */
async function bundle(options) {
  const { outputFiles } = await esbuild({ ...options, write: false });
  for (const { path: file, contents } of outputFiles) {
    mkdirSync(path.dirname(file), { recursive: true });
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, contents);
    renameSync(unfinished, file);
  }
}

/** dist/mcp-governance-pluginserver.cjs and dist/mcp-governance.cjs, the command line. */
export async function build() {
  await bundle({
    ...common,
    entryPoints: {
      'mcp-governance-pluginserver': path.join(here, 'src/plugin-server/main.ts'),
      'mcp-governance': path.join(here, 'src/cli/main.ts'),
    },
    outdir: path.join(here, 'dist'),
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    plugins: [withoutTsNode],
    // Optional native parts of pg that nothing here installs.
    external: ['pg-native'],
  });
}

/** Bundles one TypeScript entry of this checkout for the running Node; packages stay in node_modules. Gives the file's path. */
async function bundleEntry(entry) {
  const outfile = path.join(here, 'dist', `${entry.replaceAll('/', '-').replace(/\.ts$/, '')}.mjs`);
  await bundle({ ...common, entryPoints: [path.join(here, entry)], outfile, format: 'esm', packages: 'external' });
  return outfile;
}

export async function buildDemo() {
  await build();
  return bundleEntry('demo/main.ts');
}

/** The demo servers alone. */
export const buildDemoServers = () => bundleEntry('demo/demo-servers.ts');

export const buildBench = () => bundleEntry('bench/main.ts');

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
