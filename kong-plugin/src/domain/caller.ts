import { oncePerObject } from './once-per-object.ts';

/**
 * Who calls, as proved by the gateway's own authentication, never by a client's header. `groups` are ACL groups that the
 * guard read from Kong itself; `user` is the `sub` of a token that Kong verified.
 */
export interface Caller {
  /** Kong's consumer id; `anonymous` callers have none. */
  readonly consumerId?: string;
  readonly consumer?: string;
  readonly customId?: string;
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  readonly tenant?: string;
  readonly application?: string;
  readonly user?: string;
  readonly scopes: readonly string[];
}

/** A key that two different callers never share (an ACL cache keyed by less has been a real bypass elsewhere). */
export const callerKey = oncePerObject((caller: Caller): string =>
  JSON.stringify([
    caller.consumerId ?? null,
    caller.consumer ?? null,
    caller.customId ?? null,
    caller.tenant ?? null,
    caller.application ?? null,
    caller.tags,
    caller.groups,
  ]),
);
