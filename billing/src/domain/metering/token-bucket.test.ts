import { describe, expect, it } from 'vitest';
import { createTokenBucket, takeToken } from './token-bucket.ts';

describe('token bucket', () => {
  it('lets 50 calls leave at once and then one each 20 ms', () => {
    let bucket = createTokenBucket(50, 0);
    const waits = Array.from({ length: 53 }, () => {
      const taken = takeToken(bucket, 0);
      bucket = taken.bucket;
      return taken.waitMs;
    });
    expect(waits.slice(0, 50).every((wait) => wait === 0)).toBe(true);
    expect(waits.slice(50)).toEqual([20, 40, 60]);
  });

  it('refills with time, up to one second of calls, and not when the clock goes back', () => {
    let bucket = createTokenBucket(10, 0);
    for (let call = 0; call < 10; call++) bucket = takeToken(bucket, 0).bucket;
    expect(takeToken(bucket, 100)).toMatchObject({ waitMs: 0 });
    expect(takeToken(bucket, -5_000)).toMatchObject({ waitMs: 100 });
    expect(takeToken(bucket, 3_600_000).bucket.tokens).toBe(9);
  });

  it('never exceeds 900 calls a second, whatever is configured', () => {
    expect(createTokenBucket(5_000, 0).perSecond).toBe(900);
    expect(createTokenBucket(0, 0).perSecond).toBe(1);
  });
});
