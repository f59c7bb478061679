// Bundles the plugin server into one CommonJS file, which is all a Kong node needs besides a `node` binary.
import { build as esbuild } from 'esbuild';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));

/** kong-pdk registers ts-node on import (0.5 s and 60 MB at start); the bundle ships JavaScript, so nothing needs it. */
const withoutTsNode = {
  name: 'without-ts-node',
  setup(build) {
    build.onResolve({ filter: /^ts-node$/ }, () => ({ path: 'ts-node', namespace: 'empty' }));
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'exports.register = () => undefined;', loader: 'js' }));
  },
};

export async function build() {
  await esbuild({
    entryPoints: { 'mcp-governance-pluginserver': path.join(here, 'src/plugin-server/main.ts') },
    outdir: path.join(here, 'dist'),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [withoutTsNode],
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
