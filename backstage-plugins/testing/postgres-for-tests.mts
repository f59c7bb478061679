import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDatabase } from '../setup/database.mjs';

/** What TestDatabases of @backstage/backend-test-utils looks at. */
const VARIABLE = 'BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING';

/** One PostgreSQL for all tests of a run, unless the environment gives one; each test makes its own database in it. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[VARIABLE] !== undefined) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'portal-tests-'));
  const database = await startDatabase(folder, { forgetful: true });
  process.env[VARIABLE] = database.url;
  return async () => {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
