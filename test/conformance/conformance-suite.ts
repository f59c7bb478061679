import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runConformance, suiteNames, suites } from './run-conformance.ts';
import type { ConformanceTarget } from './targets.ts';

/** Runs the three official suites, one after the other, and wants every check of each to pass. */
export function conformanceSuite(target: ConformanceTarget): void {
  describe(`the official conformance suites ${target.name}`, () => {
    let running: Awaited<ReturnType<ConformanceTarget['start']>>;
    beforeAll(async () => {
      running = await target.start();
    });
    afterAll(async () => {
      await running.close();
    });

    it.each(suiteNames.map((suite) => ({ suite, ...suites[suite] })))(
      '$suite: $passes checks pass and 0 fail',
      async ({ suite, passes }) => {
        const result = await runConformance({ url: running.url, suite });
        expect(result).toEqual({ passed: passes, failed: 0, failures: [] });
      },
      120_000,
    );
  });
}
