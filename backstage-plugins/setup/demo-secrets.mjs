// Secrets of a portal that was given none: made once, kept in its data folder for this user only.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const names = ['TOOL_CATALOG_ENCRYPTION_KEY', 'TOOL_CATALOG_POLICY_SECRET', 'TOOL_CATALOG_POLICY_TOKEN'];

/** Environment of the portal's backend; what is set already wins. */
export function demoSecrets(folder) {
  const file = path.join(folder, 'portal-secrets.json');
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const all = Object.fromEntries(names.map((name) => [name, kept[name] ?? randomBytes(32).toString('base64url')]));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(all), { mode: 0o600 });
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? all[name]]));
}
