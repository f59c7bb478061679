import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['kong-plugin/**/*.test.ts', 'billing/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/setup/build-once.ts', 'billing/src/database/testing/global-setup.ts'],
    // Two shared cores: more workers only make the process-spawning tests late.
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
