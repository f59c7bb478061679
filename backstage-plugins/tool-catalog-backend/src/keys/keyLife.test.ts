import { createApiKey, hashOfKey } from './apiKey';
import { keyState, overlapEnd, type KeyRecord } from './keyLife';

const now = Date.UTC(2026, 10, 25, 12);
const key: KeyRecord = {
  id: 'k1',
  application: 'helpdesk',
  name: 'ci',
  prefix: 'mk_abcde',
  hash: 'f'.repeat(64),
  createdAt: now - 1_000,
  createdBy: 'user:default/dev-anna',
};

describe('an API key', () => {
  it('has at least 128 random bits, a prefix that is not the key, and a hash that is found again', () => {
    const made = createApiKey();
    expect(made.secret).toMatch(/^mk_[A-Za-z0-9_-]{43}$/);
    expect(made.prefix).toHaveLength(8);
    expect(made.hash).toBe(hashOfKey(made.secret));
    expect(new Set(Array.from({ length: 100 }, () => createApiKey().secret)).size).toBe(100);
  });

  it.each<[string, Partial<KeyRecord>]>([
    ['active', {}],
    ['active', { expiresAt: now + 1 }],
    ['expired', { expiresAt: now }],
    ['overlap', { expiresAt: now + 1, replacedBy: 'k2' }],
    ['expired', { expiresAt: now, replacedBy: 'k2' }],
    ['revoked', { revokedAt: now - 1, expiresAt: now + 1 }],
    ['revoked', { revokedAt: now - 1, replacedBy: 'k2' }],
  ])('is %s with %j', (state, change) => {
    expect(keyState({ ...key, ...change }, now)).toBe(state);
  });

  it('that is replaced lives for the overlap, and never longer than it would have', () => {
    expect(overlapEnd({}, { now, overlapHours: 24 })).toBe(now + 86_400_000);
    expect(overlapEnd({ expiresAt: now + 5 }, { now, overlapHours: 24 })).toBe(now + 5);
    expect(overlapEnd({}, { now, overlapHours: 0 })).toBe(now);
  });
});
