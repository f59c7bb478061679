#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const bundle = new URL('../dist/stoa-billing.mjs', import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`stoa-billing needs Node 20.19 or newer, but this is ${process.versions.node}.`);
  process.exit(3);
}
if (!existsSync(bundle)) {
  console.error(`stoa-billing is not built: run "npm run build" first (${fileURLToPath(bundle)} is missing).`);
  process.exit(3);
}
await import(bundle.href);
