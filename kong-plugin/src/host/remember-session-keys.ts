import type { Caller } from '../domain/caller.ts';
import { ownerKey } from '../domain/identity/owner-key.ts';
import { sessionKey } from '../domain/mcp/session-binding.ts';
import { RecentMap } from '../domain/policies/recent-map.ts';

/** An HMAC a request is a tenth of the decision's time; a key is 64 characters. */
const MAX_CALLERS = 40_000;

/** Each caller's session key, made once. */
export const rememberSessionKeys = (secret: string): ((caller: Caller) => string) => {
  const keys = new RecentMap<string, string>(MAX_CALLERS);
  return (caller) => {
    const owner = ownerKey(caller);
    const known = keys.get(owner);
    if (known !== undefined) return known;
    const key = sessionKey(secret, caller);
    keys.set(owner, key);
    return key;
  };
};
