import { defineConfig } from 'vitest/config';

const common = {
  // TestDatabases calls the global afterAll; mocks of Backstage call jest.fn.
  globals: true,
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'backend',
          environment: 'node',
          include: [
            'backend/src/**/*.test.ts',
            '{tool-catalog-backend,tool-catalog-common,catalog-backend-module-kong}/src/**/*.test.ts',
            'testing/lock-file.test.ts',
          ],
          setupFiles: ['testing/jest-names.ts'],
          globalSetup: ['testing/postgres-for-tests.mts'],
        },
      },
      {
        test: {
          ...common,
          name: 'frontend',
          environment: 'jsdom',
          include: ['{app,tool-catalog}/src/**/*.test.{ts,tsx}'],
          setupFiles: ['testing/jest-names.ts', 'testing/dom.ts'],
          // Its ES module imports a folder.
          server: { deps: { inline: ['material-ui-popup-state'] } },
          // Importing Backstage's components takes 17 s: all files share it.
          isolate: false,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...common,
          name: 'browser',
          environment: 'node',
          include: ['e2e/**/*.test.mjs'],
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...common,
          name: 'packed',
          environment: 'node',
          include: ['testing/packed.test.ts'],
          setupFiles: ['testing/jest-names.ts'],
          globalSetup: ['testing/postgres-for-tests.mts'],
          // Packing points package.json at dist for a moment, which other tests must not see.
          sequence: { groupOrder: 3 },
        },
      },
    ],
    maxWorkers: 2,
  },
});
