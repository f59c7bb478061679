/** How many calls may still leave at once; refills evenly. */
export interface TokenBucket {
  readonly perSecond: number;
  readonly tokens: number;
  /** Milliseconds since 1970. */
  readonly filledAt: number;
}

export const DEFAULT_CALLS_PER_SECOND = 50;
/** Stripe allows 1,000 calls a second in live mode; the rest is left to everything else that uses the account. */
export const MAX_CALLS_PER_SECOND = 900;

/** Holds one second's worth of calls, full at the start. */
export const createTokenBucket = (perSecond: number, now: number): TokenBucket => {
  const bounded = Math.min(Math.max(perSecond, 1), MAX_CALLS_PER_SECOND);
  return { perSecond: bounded, tokens: bounded, filledAt: now };
};

/** Takes one token; `waitMs` is how long the caller must wait before it uses it. Tokens may be taken ahead of time. */
export const takeToken = (
  bucket: TokenBucket,
  now: number,
): { readonly bucket: TokenBucket; readonly waitMs: number } => {
  const elapsed = Math.max(0, now - bucket.filledAt);
  const filled = Math.min(bucket.perSecond, bucket.tokens + (elapsed * bucket.perSecond) / 1000);
  const tokens = filled - 1;
  const waitMs = tokens >= 0 ? 0 : Math.ceil((-tokens * 1000) / bucket.perSecond);
  return { bucket: { ...bucket, tokens, filledAt: Math.max(now, bucket.filledAt) }, waitMs };
};
