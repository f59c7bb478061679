import { readFileSync } from 'node:fs';
import path from 'node:path';

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

const lock = JSON.parse(readFileSync(path.join(__dirname, '../package-lock.json'), 'utf8')) as LockFile;

/** Where each package is installed, by name. */
const places = new Map<string, string[]>();
for (const place of Object.keys(lock.packages)) {
  const name = place.split('node_modules/').at(-1);
  if (name !== undefined && place.includes('node_modules/')) places.set(name, [...(places.get(name) ?? []), place]);
}

describe('the lock file', () => {
  it('has each Backstage package, React and the router once: two copies do not know each other’s state', () => {
    const shared = [...places.keys()].filter(
      (name) => name.startsWith('@backstage/') || ['react', 'react-dom', 'react-router-dom', 'knex'].includes(name),
    );
    expect(shared.length).toBeGreaterThan(50);
    expect(shared.flatMap((name) => ((places.get(name) ?? []).length > 1 ? places.get(name) : []))).toEqual([]);
  });

  it('is of one release of Backstage (backstage.json)', () => {
    const { version } = JSON.parse(readFileSync(path.join(__dirname, '../backstage.json'), 'utf8'));
    expect(version).toBe('1.55.0');
    expect(lock.packages['node_modules/@backstage/frontend-plugin-api']?.version).toBe('0.18.1');
    expect(lock.packages['node_modules/@backstage/backend-plugin-api']?.version).toBe('1.10.1');
  });
});
