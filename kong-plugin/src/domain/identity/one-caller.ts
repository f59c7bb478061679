import type { Caller } from '../caller.ts';
import { oncePerObject } from '../once-per-object.ts';
import { MAX_CALLERS } from '../policies/access.ts';
import { RecentMap } from '../policies/recent-map.ts';

/**
 * `resolve`, asked once for all requests of the same caller, who is one object from then on: keys and texts that are derived
 * from a caller are found by that object. Two callers who differ in anything, a scope of a token too, are two objects.
 */
export const oneCaller = (resolve: (caller: Caller) => Caller): ((caller: Caller) => Caller) => {
  const known = new RecentMap<string, Caller>(MAX_CALLERS);
  return oncePerObject((caller) => {
    const key = JSON.stringify(caller);
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const resolved = resolve(caller);
    known.set(key, resolved);
    return resolved;
  });
};
