import { describe, expect, it } from 'vitest';
import { ownerKey } from '../identity/owner-key.ts';
import { sessionKey, signSession, verifySession } from './session-binding.ts';
import fixture from './session-vectors.json' with { type: 'json' };

// The fixture was computed with Python's hmac module, not with the code under test.
const { vectors } = fixture;

describe('session binding', () => {
  it.each(vectors)('signs and verifies $clientId as the fixture says', (vector) => {
    expect(ownerKey(vector.caller)).toBe(vector.ownerKey);
    const key = sessionKey(vector.secret, vector.caller);
    expect(key).toBe(vector.sessionKey);
    expect(signSession(vector.upstreamId, key)).toBe(vector.clientId);
    expect(verifySession(vector.clientId, key)).toEqual({ bound: true, upstreamId: vector.upstreamId });
  });

  it('verifies the session of each of 6 callers for that caller alone', () => {
    for (const one of vectors)
      for (const other of vectors) expect(verifySession(one.clientId, other.sessionKey).bound).toBe(one === other);
  });

  it.each(fixture.refused.clientIds)('refuses %j', (clientId) => {
    expect(verifySession(clientId, fixture.refused.sessionKey)).toEqual({ bound: false });
  });

  it('refuses an id of 1,025 characters though its tag is right', () => {
    const key = fixture.refused.sessionKey;
    const tagLength = 28;
    expect(verifySession(signSession('x'.repeat(1024 - tagLength), key), key).bound).toBe(true);
    expect(verifySession(signSession('x'.repeat(1025 - tagLength), key), key).bound).toBe(false);
  });

  it.each(['a b', 'é', 'a\u0000', 'a\n'])(
    'refuses the id %j, which no server may issue, though its tag is right',
    (id) => {
      const key = fixture.refused.sessionKey;
      expect(verifySession(signSession(id, key), key)).toEqual({ bound: false });
    },
  );

  it('survives a changed order of groups, as another node may read them', () => {
    const [vector] = vectors;
    if (vector === undefined) throw new Error('the fixture is empty');
    const elsewhere = { ...vector.caller, groups: ['b', 'a'], tags: [...vector.caller.tags].reverse() };
    expect(sessionKey(vector.secret, elsewhere)).toBe(vector.sessionKey);
  });
});
