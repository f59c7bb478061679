import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

describe('the backoff', () => {
  it.each([
    [0, 1_000],
    [1, 2_000],
    [5, 32_000],
    [6, 60_000],
    [1_000, 60_000],
  ])('after %i failures is anything up to %i ms', (attempt, ceiling) => {
    expect(backoffMs({ attempt, random: 1 })).toBe(ceiling);
    expect(backoffMs({ attempt, random: 0.5 })).toBe(ceiling / 2);
    expect(backoffMs({ attempt, random: 0 })).toBe(0);
  });

  it('is never before what the ledger asked for, and never more than 10 minutes because of it', () => {
    expect(backoffMs({ attempt: 0, random: 0.1, retryAfterMs: 5_000 })).toBe(5_000);
    expect(backoffMs({ attempt: 6, random: 1, retryAfterMs: 5_000 })).toBe(60_000);
    expect(backoffMs({ attempt: 0, random: 0, retryAfterMs: 86_400_000 })).toBe(600_000);
  });
});
