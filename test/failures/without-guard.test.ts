import { describe } from 'vitest';
import { misbehavingSuite, rows, type Row, type Seen } from './harness/misbehaving-suite.ts';

const withUnguarded = rows.filter((row): row is Row & { readonly unguarded: Seen } => row.unguarded !== undefined);

// The stand-in must be as open as a real Kong was measured to be, or the tests of the guard prove nothing.
describe("a misbehaving plugin without the guard, in kong-pdk's launcher", () => {
  misbehavingSuite({ by: "kong-pdk's launcher", isGuarded: false }, withUnguarded, (row) => row.unguarded ?? [0, 0]);
});

/** What our launcher refuses without any help; everything else passes, which is why the guard is needed with it too. */
const refusedByLauncher: Readonly<Record<string, Seen>> = {
  throws_at_once: [503, 0],
  throws_later: [503, 0],
  throws_after_a_call: [503, 0],
  exits_awaited: [403, 0],
  leaves_no_verdict: [200, 1],
  exits_the_process: [200, 1],
  response_throws: [502, 1],
  response_throws_after_a_call: [502, 1],
  response_exits_the_process: [200, 1],
};

describe('a misbehaving plugin without the guard, in our launcher', () => {
  misbehavingSuite(
    { by: 'our launcher', isGuarded: false },
    rows.filter(({ behaviour }) => behaviour in refusedByLauncher),
    ({ behaviour }) => refusedByLauncher[behaviour] ?? [0, 0],
  );
});
