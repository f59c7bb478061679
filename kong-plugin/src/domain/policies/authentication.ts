import { definePolicy, everyKind } from './policy.ts';

/** Nobody in particular gets in only where some rule admits anonymous callers; then the other policies decide. */
export const authentication = definePolicy({
  name: 'authentication',
  kinds: everyKind,
  view: (_call, { caller, access }) => {
    if (caller.consumerId !== undefined) return { effect: 'none', rule: 'authentication:consumer' };
    if (access.allowsSomething) return { effect: 'none', rule: 'authentication:anonymous' };
    return {
      effect: 'deny',
      rule: 'authentication:required',
      reason: 'unauthenticated',
      detail: 'Authenticate first: this server allows anonymous callers nothing.',
    };
  },
});
