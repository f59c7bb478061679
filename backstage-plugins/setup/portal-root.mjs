import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isStopping, stopEverything } from './stopping.mjs';

/** The folder backstage-plugins: its own npm workspace, so that nobody waits for Backstage who does not need it. */
export const portalRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Workspaces in the order in which they depend on each other. */
export const packages = [
  'tool-catalog-common',
  'tool-catalog',
  'tool-catalog-backend',
  'catalog-backend-module-kong',
  'app',
  'backend',
];

/** Resolves what is installed here, after it was installed. */
export const requirePortal = createRequire(path.join(portalRoot, 'package.json'));

/** Where the database of a portal that was given none, and its log, are kept. */
export const dataFolder = path.join(portalRoot, '.data');

/** A failure that one sentence explains; anything else is a bug and keeps its stack. */
export class PortalFailure extends Error {}

export const fail = (sentence) => {
  throw new PortalFailure(sentence);
};

/** Runs the body of a command: a failure ends what was started, and is one sentence on stderr, not a stack. */
export async function runCommand(body) {
  try {
    await body();
  } catch (error) {
    if (isStopping()) return;
    await stopEverything();
    if (!(error instanceof PortalFailure)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exit(1);
  }
}

export const seconds = (startedAt) => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
