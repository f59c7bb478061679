import { expect, it } from 'vitest';
import { snapshotOf } from '../domain/snapshot/testing/fixtures.ts';
import { createInlinePolicySource } from './policy-source-inline.ts';

it('an inline policy is in force at once and never old', async () => {
  const source = createInlinePolicySource({ snapshot: snapshotOf({ revision: 'r1' }), now: () => 5_000 });
  await source.refresh();
  const state = source.current();
  expect(state).toMatchObject({ revision: 'r1', loadedAt: 5_000, issues: [] });
  expect([state.ageSeconds(9e15), state.isStale(9e15)]).toEqual([0, false]);
  await source.close();
});
