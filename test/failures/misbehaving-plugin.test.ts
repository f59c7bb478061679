import { describe } from 'vitest';
import { misbehavingSuite, rows } from './harness/misbehaving-suite.ts';

describe('a misbehaving plugin behind the guard, in our launcher', () => {
  misbehavingSuite({ by: 'our launcher', isGuarded: true }, rows, (row) => row.guarded);
});

// Whatever our launcher mends by itself (a handler that throws is a refusal there), the guard alone must catch as well.
describe("a misbehaving plugin behind the guard, in kong-pdk's launcher", () => {
  misbehavingSuite({ by: "kong-pdk's launcher", isGuarded: true }, rows, (row) => row.guarded);
});
