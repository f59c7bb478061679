import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';

const portalRoot = path.resolve(__dirname, '..');
/** Below the workspace, so that Backstage itself is found; our packages are found here first. */
const site = path.join(portalRoot, '.data/packed');
const packages = ['tool-catalog-common', 'tool-catalog-backend', 'tool-catalog', 'catalog-backend-module-kong'];

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, [...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const bin = (name: string): string => path.join(portalRoot, 'node_modules/.bin', name);

/** Builds, packs and unpacks a package, as `npm publish` and `npm install` would. */
const installPacked = (folder: string): string => {
  const from = path.join(portalRoot, folder);
  run(bin('backstage-cli'), ['package', 'build'], from);
  const tarball = run('npm', ['pack', '--ignore-scripts=false', '--silent', '--pack-destination', site], from).trim();
  const { name } = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8')) as { readonly name: string };
  const to = path.join(site, 'node_modules', name);
  mkdirSync(to, { recursive: true });
  run('tar', ['xzf', path.join(site, tarball.split('\n').at(-1) ?? ''), '--strip-components', '1', '-C', to], site);
  return to;
};

/** The few lines that the packages' READMEs give, in a Backstage that has nothing of this repository's sources. */
const BACKEND = `
const { startTestBackend, mockServices } = require('@backstage/backend-test-utils');
const { catalogServiceMock } = require('@backstage/plugin-catalog-node/testUtils');
globalThis.afterAll = () => {};
startTestBackend({
  features: [
    require('@mcp-governance/backstage-plugin-tool-catalog-backend'),
    catalogServiceMock.factory({ entities: [] }),
    mockServices.database.factory(),
    mockServices.rootConfig.factory({ data: JSON.parse(process.env.CONFIG) }),
  ],
}).then(async (backend) => {
  const address = backend.server.port();
  const ask = (path, headers) => fetch('http://127.0.0.1:' + address + '/api/tool-catalog' + path, { headers });
  const viewer = await ask('/viewer', { authorization: 'Bearer mock-user-token' });
  const nobody = await ask('/policy', {});
  process.stdout.write('ANSWER ' + JSON.stringify([viewer.status, await viewer.json(), nobody.status]) + '\\n');
  process.exit(0);
}).catch((error) => { console.error(error); process.exit(1); });
`;

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe.skipIf(!databases.supports('POSTGRES_18'))('the packed packages', () => {
  const folders: Record<string, string> = {};
  beforeAll(() => {
    rmSync(site, { recursive: true, force: true });
    mkdirSync(site, { recursive: true });
    // Types of all packages, from which each package's own are made.
    run(bin('tsc'), ['--incremental', 'false'], portalRoot);
    for (const folder of packages) folders[folder] = installPacked(folder);
  }, 240_000);

  it('hold what they export, and no test', () => {
    for (const folder of packages) {
      const root = folders[folder] ?? '';
      const { main, types } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
        readonly main: string;
        readonly types: string;
      };
      for (const file of [main, types]) expect(readFileSync(path.join(root, file), 'utf8')).not.toBe('');
      expect(run('find', [root, '-name', '*.test.*'], site)).toBe('');
    }
  });

  it('start in another Backstage with the lines of the README, with their own migrations', async () => {
    const file = path.join(site, 'index.cjs');
    writeFileSync(file, BACKEND);
    const resolved = createRequire(file).resolve('@mcp-governance/backstage-plugin-tool-catalog-backend');
    expect(resolved).toContain(path.join('.data/packed/node_modules'));
    // The server of the tests; the packed plugin makes its own database in it.
    const connection = process.env.BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING ?? '';
    const config = {
      backend: { database: { client: 'pg', connection } },
      toolCatalog: {
        encryptionKeys: ['test-encryption-key-0123456789-0123456789'],
        kong: { adminUrls: ['http://127.0.0.1:9'] },
        policy: {
          hmacSecret: 'test-policy-secret-0123456789-0123456789',
          token: 'test-policy-token-0123456789-0123456789',
        },
      },
    };
    const output = execFileSync(process.execPath, [file], {
      cwd: site,
      encoding: 'utf8',
      env: { ...process.env, CONFIG: JSON.stringify(config), NODE_ENV: 'development' },
      timeout: 60_000,
    });
    const answer = /^ANSWER (.*)$/m.exec(output)?.[1] ?? '[]';
    expect(JSON.parse(answer)).toMatchObject([200, { user: 'user:default/mock', provides: [] }, 401]);
  });
});
