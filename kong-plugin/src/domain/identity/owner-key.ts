import type { Caller } from '../caller.ts';
import { oncePerObject } from '../once-per-object.ts';

/**
 * Who owns a session or a task. Unlike `callerKey` it holds the user of a token, because all users of one issuer may
 * share a Kong consumer, and no tags or groups: their order differs between nodes, and adding one must not take a
 * caller's running tasks away. Anonymous callers are one owner.
 */
export const ownerKey = oncePerObject((caller: Caller): string =>
  JSON.stringify([caller.consumerId ?? null, caller.tenant ?? null, caller.user ?? null]),
);
